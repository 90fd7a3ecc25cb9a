using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Sisa.Cli.Tests")]
