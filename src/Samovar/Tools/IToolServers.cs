using System.Text;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;

namespace Samovar.Tools;

/// <summary>The servers of tools that may be reached from here.</summary>
public interface IToolServers
{
    /// <summary>What the operator calls a tool's server; refuses one that this tenant may not use.</summary>
    /// <exception cref="ApiException">It is not among those that may be reached.</exception>
    string Require(TenantId tenant, McpTool tool);

    /// <summary>Speaks with a tool's server.</summary>
    /// <exception cref="ToolServerException">It cannot be reached, or does not speak the protocol.</exception>
    /// <exception cref="ApiException">It is not among those that may be reached.</exception>
    Task<IToolSession> OpenAsync(TenantId tenant, McpTool tool, CancellationToken cancelled);

    /// <summary>The tool that searches the web for this tenant; null where none does.</summary>
    SearchTool? SearchFor(TenantId tenant);
}

/// <summary>A server of tools that is spoken with.</summary>
public interface IToolSession : IAsyncDisposable
{
    /// <summary>Its tools, as <c>mcp_list_tools</c> has them, within the bounds that were configured.</summary>
    /// <exception cref="ToolServerException">It does not say.</exception>
    Task<IReadOnlyList<ListedTool>> ListAsync(CancellationToken cancelled);

    /// <summary>Calls a tool.</summary>
    /// <param name="name">The tool.</param>
    /// <param name="arguments">A JSON object, as the model wrote it.</param>
    /// <param name="cancelled">The server is told.</param>
    /// <exception cref="ToolServerException">The call could not be made.</exception>
    Task<ToolResult> CallAsync(string name, string arguments, CancellationToken cancelled);
}

/// <summary>A tool as its server lists it.</summary>
/// <param name="Annotations">JSON; empty where there are none.</param>
public sealed record ListedTool(string Name, string? Description, RawJson InputSchema, RawJson Annotations)
{
    /// <summary>Whether its server says that it changes nothing.</summary>
    public bool IsReadOnly => Annotations.Field("readOnlyHint"u8).Utf8.Span.SequenceEqual("true"u8);

    /// <summary>Bytes of what is said of it.</summary>
    public long Bytes => Encoding.UTF8.GetByteCount(Name) + Encoding.UTF8.GetByteCount(Description ?? "") + InputSchema.Utf8.Length;
}

/// <summary>What a tool has answered.</summary>
/// <param name="Text">For the model.</param>
/// <param name="IsError">Whether the tool says that it failed.</param>
public sealed record ToolResult(string Text, bool IsError);

/// <summary>Where searches go.</summary>
public sealed record SearchTool(McpTool Server, string Name, string Argument);

/// <summary>Why a server of tools did not answer, in words that may be shown.</summary>
public sealed class ToolServerException(string type, int code, string message, Exception? cause = null) : Exception(message, cause)
{
    public const string Http = "http_error";
    public const string Protocol = "mcp_protocol_error";

    /// <summary><see cref="Http"/> or <see cref="Protocol"/>.</summary>
    public string Type { get; } = type;

    /// <summary>A status, or a number of the protocol.</summary>
    public int Code { get; } = code;
}

/// <summary>No server may be reached.</summary>
internal sealed class NoToolServers : IToolServers
{
    public string Require(TenantId tenant, McpTool tool) =>
        throw new ApiException(Errors.ToolServerUnknown, tool.Named, $"{tool.Param}.server_label");

    public Task<IToolSession> OpenAsync(TenantId tenant, McpTool tool, CancellationToken cancelled) =>
        throw new ApiException(Errors.ToolServerUnknown, tool.Named, $"{tool.Param}.server_label");

    public SearchTool? SearchFor(TenantId tenant) => null;
}
