using System.Globalization;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>
/// Content parts as text; what a text model cannot read is refused by name, or said in words where the operator chose that.
/// </summary>
/// <param name="placeholder">The operator's words, with <c>{kind}</c> for what it was; null refuses.</param>
internal sealed class ContentReader(string? placeholder)
{
    private const string Kind = "{kind}";
    private const string EarlierPlaceholder = $"[{Kind}]"; // a turn that another backend served, or that came before a restart

    /// <param name="parts">A message's content or an output.</param>
    /// <param name="param">Where they are in the request; null for an earlier turn's, which is never refused again.</param>
    public string Text(IReadOnlyList<ContentPart> parts, string? param)
    {
        if (parts.Count == 1 && parts[0] is ContentPart.Text only) return only.Value;
        var texts = new List<string>(parts.Count);
        for (var at = 0; at < parts.Count; at++)
            texts.Add(Text(parts[at], param is null ? null : string.Create(CultureInfo.InvariantCulture, $"{param}[{at}]")));
        return string.Join('\n', texts);
    }

    private string Text(ContentPart part, string? param) => part switch
    {
        ContentPart.Text text => text.Value,
        ContentPart.Refusal refusal => refusal.Value,
        ContentPart.Image => Unreadable("image", "input_image", param),
        ContentPart.File file => Unreadable(file.Name is null ? "file" : $"file: {file.Name}", "input_file", param),
        ContentPart.Other other => Unreadable(other.Kind, other.Kind, param),
        _ => "",
    };

    private string Unreadable(string what, string type, string? param) =>
        (placeholder ?? (param is null ? EarlierPlaceholder : throw new ApiException(Errors.UnsupportedValue, type, param)))
        .Replace(Kind, what, StringComparison.Ordinal);
}
