namespace Notify.Ctl.Tests;

/// <summary>Input for the program.</summary>
internal static class Samples
{
    public static string Root { get; } = Find();

    public static string Plain(string file) => Path.Combine(Root, "plain", file);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var samples = Path.Combine(folder.FullName, "samples");
            if (File.Exists(Path.Combine(samples, "zone1970.tab")))
                return samples;
        }
        throw new InvalidOperationException("No folder above the test has the samples.");
    }
}
