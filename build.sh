#!/usr/bin/env bash
# ./build.sh quickstart [ARGS] · build · test [FILTER] · accept · mutate [FOLDER] · bench [ARGS] · campaign NAME|all [ARGS] · fuzz [TARGET] · run ARGS… · pack
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
sisa="$root/artifacts/publish/Sisa.Cli/release_linux-x64/sisa"
built="$root/artifacts/sisa.built" # as old as the sources that the program was last built from
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

find_sdk() { # dotnet resolves global.json itself; the program finds its runtime beside the dotnet on the path
    if ! (cd "$root" && dotnet --version) >/dev/null 2>&1; then
        found="$(dotnet --list-sdks 2>/dev/null | cut -d' ' -f1 | tr '\n' ' ' || true)"
        echo "error: .NET SDK $(sed -n 's/.*"version": "\(.*\)".*/\1/p' "$root/global.json") or a newer 10.0 is needed; found: ${found:-none}" >&2
        echo "hint: install it from https://dotnet.microsoft.com/download/dotnet/10.0 and put 'dotnet' on the PATH." >&2
        exit 69
    fi
}
compile() { find_sdk; (cd "$root" && dotnet build "$@" -c Release); }
publish() { find_sdk; mkdir -p "$root/artifacts"; touch "$built.new"; (cd "$root" && dotnet publish src/Sisa.Cli/Sisa.Cli.csproj -c Release -r linux-x64) && mv "$built.new" "$built"; }
run() { # nothing on stdout but the program's own; a build only when a source is newer, shown only when it fails
    if [ ! -x "$sisa" ] || [ ! -e "$built" ] || [ -n "$(find "$root"/src "$root"/Directory.* "$root"/global.json -newer "$built" -print -quit)" ]; then
        log="$(mktemp)"
        echo "Building sisa; the first time takes about half a minute." >&2
        publish </dev/null >"$log" 2>&1 || { cat "$log" >&2; rm -f "$log"; exit 70; }
        rm -f "$log"
    fi
    home="$(dirname "$(readlink -f "$(command -v dotnet || echo /none)")")"
    if [ -z "${DOTNET_ROOT:-}" ] && [ -d "$home/host/fxr" ]; then export DOTNET_ROOT="$home"; fi
    exec "$sisa" "$@"
}
pack() { # into artifacts/packages; what the cache of packages holds of an earlier pack would hide this one
    find_sdk; cd "$root"
    dotnet restore Sisa.Packages.slnf && rm -rf artifacts/packages "${NUGET_PACKAGES:-$HOME/.nuget/packages}"/sisa.*
    dotnet run --project packaging/Sisa.Packaging -c Release -- . artifacts/packages
    dotnet pack Sisa.Packages.slnf -c Release "$@"
}
another_parquet() { # hyparquet, for a test that says so where it is absent: neither npm nor its registry need be within reach
    from="$root/tests/Sisa.Readers.Tests/hyparquet" to="$root/artifacts/npm"
    if ! command -v npm >/dev/null || cmp -s "$from/package-lock.json" "$to/installed"; then return 0; fi
    mkdir -p "$to" && cp "$from"/package*.json "$to"
    npm ci --prefix "$to" --ignore-scripts --no-audit --no-fund --fetch-retries=0 --fetch-timeout=20000 >"$to/log" 2>&1 && cp "$from/package-lock.json" "$to/installed" || true
}

verb="${1:-help}"
[ $# -eq 0 ] || shift
case "$verb" in
    quickstart) run quickstart "$@" ;;
    run) run "$@" ;;
    build) compile Sisa.sln "$@" ;;
    test) publish; compile Sisa.sln # the program that users have, compiled ahead, is what its tests run, and so are the packages
        export SISA_PROGRAM="$sisa"
        [ $# -gt 0 ] || { pack; export SISA_PACKAGES="$root/artifacts/packages"; }
        another_parquet
        [ $# -eq 0 ] || set -- "$@" --ignore-exit-code 8 # a filter may leave a project without tests
        cd "$root" && exec dotnet test --solution Sisa.sln -c Release --no-build "$@" ;;
    accept) compile tests/Sisa.Cli.Tests/Sisa.Cli.Tests.csproj # writes the snapshots of interfaces and of JSON anew
        SISA_ACCEPT=1 exec "$root/artifacts/bin/Sisa.Cli.Tests/release/Sisa.Cli.Tests" -trait surface=snapshot ;;
    mutate) find_sdk && cd "$root/tests/Sisa.Core.Tests" && dotnet tool restore >/dev/null && exec dotnet stryker -f ../stryker-config.json -O "$root/artifacts/mutation" --skip-version-check ${1:+-m "**/$1/*.cs"} ;;
    bench) publish && compile bench/Sisa.Bench/Sisa.Bench.csproj && exec "$root/artifacts/bin/Sisa.Bench/release/Sisa.Bench" "$@" ;;
    campaign) compile tests/Sisa.Campaigns/Sisa.Campaigns.csproj && exec "$root/artifacts/bin/Sisa.Campaigns/release/Sisa.Campaigns" "$@" ;;
    fuzz) compile tests/Sisa.Fuzzing/Sisa.Fuzzing.csproj && exec "$root/artifacts/bin/Sisa.Fuzzing/release/Sisa.Fuzzing" "$@" ;;
    pack) pack "$@" ;;
    *) sed -n 2p "$root/build.sh" >&2; exit 2 ;;
esac
