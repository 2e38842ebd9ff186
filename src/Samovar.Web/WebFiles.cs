namespace Samovar.Web;

/// <summary>The bundles that the build made of this project: <c>page.html</c>, <c>page.js</c>, <c>report.css</c> …</summary>
internal static class WebFiles
{
    /// <exception cref="ArgumentException">No file has this name.</exception>
    public static ReadOnlyMemory<byte> Read(string name)
    {
        using var stream = typeof(WebFiles).Assembly.GetManifestResourceStream(name)
            ?? throw new ArgumentException($"There is no file '{name}' among the bundles.", nameof(name));
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
