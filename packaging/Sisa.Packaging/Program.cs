using Sisa.Packaging;

// Sisa.Packaging ROOT FOLDER: writes FOLDER/PROJECT.VERSION.cdx.json and FOLDER/PROJECT.VERSION.THIRD-PARTY-NOTICES.txt of every project that is packed.
if (args is not [var root, var folder])
{
    await Console.Error.WriteLineAsync("error: The root of the repository and a folder to write to are needed.");
    return 2;
}

var locks = new LockFile(root);
Directory.CreateDirectory(folder);
foreach (var project in locks.Packed())
{
    var packages = locks.Read(project);
    var inside = locks.Inside(project, packages);
    await File.WriteAllTextAsync(Path.Combine(folder, $"{project}.{locks.Version}.cdx.json"), Bill.Write(project, locks.Version, packages, locks.Direct(project)));
    await File.WriteAllTextAsync(Path.Combine(folder, $"{project}.{locks.Version}.THIRD-PARTY-NOTICES.txt"), Notices.Write(project, packages, inside));
}

return 0;
