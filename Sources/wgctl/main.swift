import Commands

Program.becomeLabHostIfAsked()
await Program.main()
