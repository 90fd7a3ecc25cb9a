using Sisa.Training;

namespace Sisa.Serving.Bundles;

/// <summary>Where answers are computed.</summary>
public static class ServingDevice
{
    /// <summary>Whether a text names a device: <c>cpu</c>, <c>cuda</c>, or <c>cuda:N</c> with the number of one.</summary>
    /// <param name="device">The text.</param>
    public static bool IsName(string device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device is "cpu" or "cuda" || (device.StartsWith("cuda:", StringComparison.Ordinal) && device.Length is 6 or 7 && device[5..].All(char.IsAsciiDigit));
    }

    /// <summary>Makes an ensemble on a device.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="device">The device, or <see langword="null"/> for where the recipe trains.</param>
    /// <param name="create">Makes the ensemble of a recipe.</param>
    /// <exception cref="EnvironmentException">The device or a library is missing.</exception>
    internal static T Create<T>(Recipe recipe, string? device, Func<Recipe, T> create)
    {
        device ??= recipe.Training.Device;
        try
        {
            return create(recipe with { Training = recipe.Training with { Device = device } });
        }
        catch (EnvironmentException e) when (device != "cpu")
        {
            throw new EnvironmentException(e.Message, $"Give {Step.AnswerOnProcessor} to answer without it. {e.Remedy}", e);
        }
    }
}
