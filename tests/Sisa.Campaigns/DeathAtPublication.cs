using Sisa.Engine.Training;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Campaigns;

/// <summary>Dies when the new bundle is served and nothing is purged yet.</summary>
internal sealed class DeathAtPublication : ITrainingProgress
{
    public void Waiting()
    {
        // Nobody else holds the store.
    }

    public void Begin(IReadOnlyList<ShardJob> jobs, bool environmentChanged)
    {
        // It lives until the publication.
    }

    public void Progress(StageProgress progress)
    {
        // It lives until the publication.
    }

    public void Finished(StageResult result)
    {
        // It lives until the publication.
    }

    public void Published() => throw new InjectedException();
}
