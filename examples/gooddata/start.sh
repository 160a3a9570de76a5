#!/bin/sh
# Starts the server with the settings for one's own machine. Variables such as GOODDATA_FLIGHT_SERVER__LISTEN_PORT win
# over the files, and further words are handed on: `./start.sh --dev-log`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
exec cargo run --release --package flexconnect-examples --example gooddata_functions -- \
    start --methods-provider gooddata_flexconnect \
    --config "$here/config/dev.server.toml" "$here/config/flexconnect.config.toml" --config-end "$@"
