// Some tests measure what the whole process allocates or keeps; beside others they would measure those too.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
