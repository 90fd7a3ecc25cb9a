using BenchmarkDotNet.Running;

// In this process, not in a project that BenchmarkDotNet generates: that one imports no Directory.Build.targets, so it would copy
// libtorch and could not load it where libstdc++ is older (src/Sisa.Torch/build/LibTorch.targets).
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run([.. args, "--inProcess"]);
