# What the manifests expect of a host besides, run on each of them. The secrets are of no use anywhere.
set -eu
umask 077
mkdir -p /run/secrets-of-host /run/shared
# Base64 of 32 bytes, as `wg genpsk` prints it.
printf %s 'secret of the tests, 32 bytes..!' | base64 >/run/secrets-of-host/office
echo token-of-the-tests >/run/secrets-of-host/token
printf %s password-of-the-tests | podman secret create app-password - >/dev/null
