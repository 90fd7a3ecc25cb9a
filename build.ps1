# ./build.ps1 quickstart [ARGS] · build · test [FILTER] · bench [ARGS] · run ARGS… · pack
param([Parameter(Position = 0)][string] $Verb = 'help', [Parameter(Position = 1, ValueFromRemainingArguments)][string[]] $Rest = @())
$ErrorActionPreference = 'Stop'
$root = $PSScriptRoot
$sisa = "$root/artifacts/bin/Sisa.Cli/release/sisa.dll"
$built = "$root/artifacts/sisa.built" # as old as the sources that the program was last built from
$env:DOTNET_NOLOGO = $env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'

function Find-Sdk { # dotnet resolves global.json itself
    Push-Location $root
    try { $found = (Get-Command dotnet -ErrorAction Ignore) -and (& dotnet --version 2>$null) -and $LASTEXITCODE -eq 0 } catch { $found = $false } finally { Pop-Location }
    if (-not $found) {
        $wanted = (Get-Content "$root/global.json" -Raw | ConvertFrom-Json).sdk.version
        [Console]::Error.WriteLine("error: .NET SDK $wanted or a newer 10.0 is needed.")
        [Console]::Error.WriteLine("hint: install it from https://dotnet.microsoft.com/download/dotnet/10.0 and put 'dotnet' on the PATH.")
        exit 69
    }
}
function Invoke-Build([string] $Project) {
    Find-Sdk
    New-Item -ItemType Directory -Force "$root/artifacts" | Out-Null
    $started = Get-Date
    & dotnet build "$root/$Project" -c Release
    if ($LASTEXITCODE -ne 0) { exit 70 }
    (New-Item -ItemType File -Force $built).LastWriteTime = $started
}
function Invoke-Sisa([string[]] $Arguments) { # nothing on stdout but the program's own; a build only when a source is newer
    $newer = -not (Test-Path $sisa) -or -not (Test-Path $built) -or (Get-ChildItem -Recurse "$root/src", "$root/Directory.*", "$root/global.json" |
        Where-Object LastWriteTime -GT (Get-Item $built).LastWriteTime | Select-Object -First 1)
    if ($newer) { Invoke-Build 'src/Sisa.Cli/Sisa.Cli.csproj' | ForEach-Object { if ($_ -match 'error') { [Console]::Error.WriteLine($_) } } }
    & dotnet $sisa @Arguments
    exit $LASTEXITCODE
}

switch ($Verb) {
    'quickstart' { Invoke-Sisa (@('quickstart') + $Rest) }
    'run' { Invoke-Sisa $Rest }
    'build' { Invoke-Build 'Sisa.sln' }
    'test' { Invoke-Build 'Sisa.sln'; if ($Rest) { $Rest += '--ignore-exit-code', '8' }
        & dotnet test --solution "$root/Sisa.sln" -c Release --no-build @Rest; exit $LASTEXITCODE }
    'bench' { Invoke-Build 'bench/Sisa.Bench/Sisa.Bench.csproj'; & dotnet "$root/artifacts/bin/Sisa.Bench/release/Sisa.Bench.dll" @Rest; exit $LASTEXITCODE }
    'pack' { Find-Sdk; & dotnet pack "$root/src/Sisa.Cli/Sisa.Cli.csproj" -c Release; exit $LASTEXITCODE }
    default { [Console]::Error.WriteLine((Get-Content $PSCommandPath -TotalCount 1)); exit 2 }
}
