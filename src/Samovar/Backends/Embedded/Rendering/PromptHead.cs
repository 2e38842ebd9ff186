using System.Security.Cryptography;
using System.Text;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>How a conversation begins: its system text, and the tools that its template is given.</summary>
/// <param name="Lead">The system text; empty for none.</param>
/// <param name="Tools">The tools; none at all for a conversation without.</param>
/// <param name="Values">The same for a template.</param>
internal sealed record PromptHead(string Lead, IReadOnlyList<OfferedTool> Tools, TemplateValue Values)
{
    private const int NameBytes = 16;

    /// <summary>Characters that it holds, about.</summary>
    public long Chars => Lead.Length + Tools.Sum(static tool => (long)tool.Parameters.Utf8.Length + (tool.Description?.Length ?? 0));

    public static PromptHead Of(string lead, IReadOnlyList<OfferedTool> tools, ControlText control) =>
        new(lead, tools, ToolText.Values(tools, control));

    /// <summary>Stands for any.</summary>
    public static PromptHead StandIn(string lead, ControlText control, params string[] names) =>
        Of(lead, [.. names.Select(TemplateProbe.StandIn)], control);

    /// <summary>Names what a template can see of a conversation's start.</summary>
    public static string NameOf(string lead, IReadOnlyList<OfferedTool> tools)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(Encoding.UTF8.GetBytes(lead));
        foreach (var tool in tools)
        {
            Add(Encoding.UTF8.GetBytes(tool.FlatName));
            Add(Encoding.UTF8.GetBytes(tool.Description ?? ""));
            Add(tool.Parameters.Utf8.Span);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, NameBytes));

        void Add(ReadOnlySpan<byte> part)
        {
            hash.AppendData(BitConverter.GetBytes(part.Length)); // so that no two lists of parts read the same
            hash.AppendData(part);
        }
    }
}
