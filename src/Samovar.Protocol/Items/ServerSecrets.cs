using System.Text.Json;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Items;

/// <summary>Parts an MCP server's tool from its secrets: headers, authorization, and what an address holds behind its path.</summary>
internal static class ServerSecrets
{
    /// <summary>Whether a tool holds any.</summary>
    public static bool Has(Tool tool) => tool is Tool.Other { Kind: var kind } && HostedTools.KindOf(kind) == "mcp" && Has(tool.Json);

    /// <summary>The same tools with their secrets apart.</summary>
    public static ToolList Apart(ToolList list)
    {
        if (!list.Tools.Any(Has)) return list;
        var texts = list.Tools.Select(static tool => Has(tool) ? Without(tool.Json) : tool.Json).ToList();
        var bytes = new byte[2 + texts.Sum(static text => text.Utf8.Length) + texts.Count - 1];
        var (whole, tools, at) = (new RawJson(bytes), new Tool[texts.Count], 1);
        (bytes[0], bytes[^1]) = ((byte)'[', (byte)']');
        for (var i = 0; i < tools.Length; i++)
        {
            if (i > 0) bytes[at++] = (byte)',';
            texts[i].Utf8.CopyTo(bytes.AsMemory(at));
            var (own, tool) = (new RawJson(whole.Utf8.Slice(at, texts[i].Utf8.Length)), list.Tools[i]);
            tools[i] = Has(tool) ? (Tool.Other)tool with { Json = own, Sent = new UnkeptJson(tool.Json) } : tool.MovedTo(own, tool.Json);
            at += texts[i].Utf8.Length;
        }
        return new ToolList(tools, whole);
    }

    private static bool Has(RawJson tool) => IsSet(tool.Field("headers"u8)) || IsSet(tool.Field("authorization"u8))
        || tool.Text("server_url"u8) is { } url && Plain(url) != url;

    private static bool IsSet(RawJson field) => field is { IsEmpty: false, IsNull: false };

    private static RawJson Without(RawJson tool) => new(JsonBuffer.Bytes(tool, static (writer, tool) =>
    {
        writer.WriteStartObject();
        foreach (var (name, value) in tool.Fields())
        {
            if (name is "headers" or "authorization") continue;
            writer.WritePropertyName(name);
            if (name == "server_url" && value.AsText() is { } url) writer.WriteStringValue(Plain(url));
            else value.WriteTo(writer);
        }
        writer.WriteEndObject();
    }));

    /// <summary>An address up to the end of its path; one that is none says nothing.</summary>
    private static string Plain(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri)) return "";
        return uri.UserInfo.Length > 0 || url.AsSpan().ContainsAny('?', '#') ? uri.GetComponents(
            UriComponents.Scheme | UriComponents.Host | UriComponents.Port | UriComponents.Path, UriFormat.UriEscaped) : url;
    }
}
