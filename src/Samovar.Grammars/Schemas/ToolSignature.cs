namespace Samovar.Grammars.Schemas;

/// <summary>A function a model may call.</summary>
/// <param name="Name">As the model writes it.</param>
/// <param name="ParametersUtf8">A JSON Schema; held to only when <paramref name="IsStrict"/>.</param>
/// <param name="IsStrict">Otherwise any JSON object passes as arguments.</param>
/// <param name="Pattern">A regular expression that the whole of the one text <c>input</c> follows, in place of a schema.</param>
internal sealed record ToolSignature(string Name, ReadOnlyMemory<byte> ParametersUtf8, bool IsStrict, string? Pattern = null)
{
    /// <summary>Whether <see cref="Pattern"/> is a Lark grammar.</summary>
    public bool IsLark { get; init; }
}
