# ./build.ps1 quickstart [ARGS] · build · test [FILTER] · accept · mutate [FOLDER] · bench [ARGS] · campaign NAME|all [ARGS] · fuzz [TARGET] · run ARGS… · pack
# No param block: whatever follows the verb belongs to the program, options with one dash included.
$ErrorActionPreference = 'Stop'
$root = $PSScriptRoot
$verb, $rest = $args
$rest = @($rest | Where-Object { $null -ne $_ })
$sisa = "$root/artifacts/publish/Sisa.Cli/release_linux-x64/sisa.dll"
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
    & dotnet build "$root/$Project" -c Release
    if ($LASTEXITCODE -ne 0) { exit 70 }
}
function Invoke-Publish {
    Find-Sdk
    New-Item -ItemType Directory -Force "$root/artifacts" | Out-Null
    $started = Get-Date
    & dotnet publish "$root/src/Sisa.Cli/Sisa.Cli.csproj" -c Release -r linux-x64
    if ($LASTEXITCODE -ne 0) { exit 70 }
    (New-Item -ItemType File -Force $built).LastWriteTime = $started
}

function Invoke-Pack([string[]] $More) { # into artifacts/packages; what the cache of packages holds of an earlier pack would hide this one
    Find-Sdk
    $cache = if ($env:NUGET_PACKAGES) { $env:NUGET_PACKAGES } else { "$HOME/.nuget/packages" }
    & dotnet restore "$root/Sisa.Packages.slnf"
    if ($LASTEXITCODE -ne 0) { exit 70 }
    Remove-Item -Recurse -Force -ErrorAction Ignore "$root/artifacts/packages", "$cache/sisa.*"
    & dotnet run --project "$root/packaging/Sisa.Packaging" -c Release -- $root "$root/artifacts/packages"
    if ($LASTEXITCODE -ne 0) { exit 70 }
    & dotnet pack "$root/Sisa.Packages.slnf" -c Release @More
}

function Install-AnotherParquet { # hyparquet, for a test that says so where it is absent: neither npm nor its registry need be within reach
    $from, $to = "$root/tests/Sisa.Readers.Tests/hyparquet", "$root/artifacts/npm"
    if (-not (Get-Command npm -ErrorAction Ignore) -or ((Test-Path "$to/installed") -and (Get-FileHash "$to/installed").Hash -eq (Get-FileHash "$from/package-lock.json").Hash)) { return }
    New-Item -ItemType Directory -Force $to | Out-Null
    Copy-Item "$from/package*.json" $to
    & npm ci --prefix $to --ignore-scripts --no-audit --no-fund --fetch-retries=0 --fetch-timeout=20000 *> "$to/log"
    if ($LASTEXITCODE -eq 0) { Copy-Item "$from/package-lock.json" "$to/installed" }
}

if ($verb -in 'quickstart', 'run') { # nothing on stdout but the program's own; a build only when a source is newer
    $newer = -not (Test-Path $sisa) -or -not (Test-Path $built) -or (Get-ChildItem -Recurse "$root/src", "$root/Directory.*", "$root/global.json" |
        Where-Object LastWriteTime -GT (Get-Item $built).LastWriteTime | Select-Object -First 1)
    if ($newer) { [Console]::Error.WriteLine('Building sisa; the first time takes about half a minute.'); Invoke-Publish | ForEach-Object { if ($_ -match 'error') { [Console]::Error.WriteLine($_) } } }
    if ($verb -eq 'quickstart') { $rest = @('quickstart') + $rest }
    if ($MyInvocation.ExpectingInput) { $input | & dotnet $sisa @rest } else { & dotnet $sisa @rest }
}
elseif ($verb -eq 'build') { Invoke-Build 'Sisa.sln' }
elseif ($verb -eq 'test') { Invoke-Publish; Invoke-Build 'Sisa.sln'; $env:SISA_PROGRAM = $sisa -replace '\.dll$'; if (-not $rest) { Invoke-Pack; $env:SISA_PACKAGES = "$root/artifacts/packages" }; Install-AnotherParquet; if ($rest) { $rest += '--ignore-exit-code', '8' }; & dotnet test --solution "$root/Sisa.sln" -c Release --no-build @rest }
elseif ($verb -eq 'accept') { Invoke-Build 'tests/Sisa.Cli.Tests/Sisa.Cli.Tests.csproj'; $env:SISA_ACCEPT = '1'; & dotnet "$root/artifacts/bin/Sisa.Cli.Tests/release/Sisa.Cli.Tests.dll" -trait surface=snapshot }
elseif ($verb -eq 'mutate') { Find-Sdk; Set-Location "$root/tests/Sisa.Core.Tests"; & dotnet tool restore | Out-Null; & dotnet stryker -f ../stryker-config.json -O "$root/artifacts/mutation" --skip-version-check @($rest | ForEach-Object { '-m', "**/$_/*.cs" }) }
elseif ($verb -eq 'bench') { Invoke-Publish; Invoke-Build 'bench/Sisa.Bench/Sisa.Bench.csproj'; & dotnet "$root/artifacts/bin/Sisa.Bench/release/Sisa.Bench.dll" @rest }
elseif ($verb -eq 'campaign') { Invoke-Build 'tests/Sisa.Campaigns/Sisa.Campaigns.csproj'; & dotnet "$root/artifacts/bin/Sisa.Campaigns/release/Sisa.Campaigns.dll" @rest }
elseif ($verb -eq 'fuzz') { Invoke-Build 'tests/Sisa.Fuzzing/Sisa.Fuzzing.csproj'; & dotnet "$root/artifacts/bin/Sisa.Fuzzing/release/Sisa.Fuzzing.dll" @rest }
elseif ($verb -eq 'pack') { Invoke-Pack $rest }
else { [Console]::Error.WriteLine((Get-Content $PSCommandPath -TotalCount 1)); exit 2 }
exit $LASTEXITCODE
