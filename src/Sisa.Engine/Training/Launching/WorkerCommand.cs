using System.Reflection;

namespace Sisa.Engine.Training.Launching;

/// <summary>How to start a worker: a program and its first arguments.</summary>
/// <param name="Program">Path of the program.</param>
/// <param name="Arguments">Arguments before the worker's own.</param>
public sealed record WorkerCommand(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>The command that starts the running program again: it is its own worker.</summary>
    /// <remarks>Started as <c>dotnet PROGRAM.dll</c>, the process is dotnet and the program its first argument; otherwise the process is the program.</remarks>
    /// <exception cref="EnvironmentException">The path of the running program is unknown.</exception>
    public static WorkerCommand ThisProgram()
    {
        var process = Environment.ProcessPath ?? throw new EnvironmentException("The path of this program is unknown.", "Start it by its full path.");
        return Path.GetFileNameWithoutExtension(process) == "dotnet" && Assembly.GetEntryAssembly()?.Location is { Length: > 0 } program
            ? new WorkerCommand(process, [program])
            : new WorkerCommand(process, []);
    }
}
