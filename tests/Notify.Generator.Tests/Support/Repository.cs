using System.Reflection;

namespace Notify.Generator.Tests.Support;

/// <summary>The working tree that the tests were built from.</summary>
internal static class Repository
{
    private static readonly string Root = Metadata("RepositoryRoot");

    public static string Path(params string[] parts) => System.IO.Path.GetFullPath(System.IO.Path.Combine([Root, .. parts]));

    /// <summary>What the build says of itself.</summary>
    public static string Metadata(string key) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == key).Value!;
}
