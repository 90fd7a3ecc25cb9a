using Sisa.Engine.Training;
using Sisa.Training;

namespace Sisa.Engine.Tests.Training;

/// <summary>Remembers what it is told.</summary>
internal sealed class RecordingProgress : ITrainingProgress
{
    public List<string> Told { get; } = [];

    public List<bool> Changed { get; } = [];

    public Action? OnWaiting { get; init; }

    public Action? OnBegin { get; init; }

    public Action? OnPublished { get; init; }

    public void Waiting()
    {
        Told.Add("waiting");
        OnWaiting?.Invoke();
    }

    public void Begin(IReadOnlyList<ShardJob> jobs, bool environmentChanged)
    {
        Told.Add($"begin {jobs.Count}");
        Changed.Add(environmentChanged);
        OnBegin?.Invoke();
    }

    public void Progress(StageProgress progress) => Told.Add("progress");

    public void Finished(StageResult result) => Told.Add("finished");

    public void Published()
    {
        Told.Add("published");
        OnPublished?.Invoke();
    }
}
