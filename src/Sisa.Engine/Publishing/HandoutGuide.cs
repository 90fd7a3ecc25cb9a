namespace Sisa.Engine.Publishing;

/// <summary>The words about the program in the README.md of a handout (<see cref="Handout"/>), spelled by the front end.</summary>
/// <param name="Maker">The command that writes such a handout.</param>
/// <param name="Use">The command that its reader runs on it; the folder is called THIS_FOLDER.</param>
public sealed record HandoutGuide(string Maker, string Use);
