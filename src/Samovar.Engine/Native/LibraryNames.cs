namespace Samovar.Engine.Native;

/// <summary>The libraries that calls go to, without what each platform puts around their names.</summary>
internal static class LibraryNames
{
    public const string Llama = "llama";
    public const string Ggml = "ggml";
    public const string GgmlCore = "ggml-base";
}
