namespace Sisa.Engine.Publishing;

/// <summary>What the README.md of a handout (<see cref="Handout"/>) says of the program that wrote it, in the words of its front end.</summary>
/// <param name="Maker">The command that writes such a handout.</param>
/// <param name="Use">The command that its reader runs on it; the folder is called THIS_FOLDER.</param>
public sealed record HandoutGuide(string Maker, string Use);
