using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Sisa.Torch.Tests")]
[assembly: InternalsVisibleTo("Sisa.Bench")]
