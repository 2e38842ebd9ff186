using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Samovar.Tools;

/// <summary>Tools that run at this server: which servers of tools may be reached, and how far a response may go with them.</summary>
public sealed class ToolOptions
{
    public const string Section = "Tools";

    /// <summary>The MCP servers that requests may name. No other is ever reached.</summary>
    public IList<ToolServerOptions> Servers { get; init; } = [];

    /// <summary>
    /// The server of <see cref="Servers"/>, by its name, whose tool answers <c>web_search</c>; empty: such tools are refused where their
    /// model's upstream does not run them.
    /// </summary>
    [MaxLength(32)] public string SearchServer { get; set; } = "";

    /// <summary>The tool of that server that searches.</summary>
    [MaxLength(128)] public string SearchTool { get; set; } = "search";

    /// <summary>The argument of that tool that takes the query.</summary>
    [MaxLength(128)] public string SearchArgument { get; set; } = "query";

    /// <summary>How long one call may take; then it has failed, and the model goes on.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")] public TimeSpan CallTimeMax { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long it may take to connect to a server and to import its tools; then the response fails.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")] public TimeSpan ListTimeMax { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Calls of one response, whatever its <c>max_tool_calls</c>; those beyond it are not run, and the model is told.</summary>
    [Range(1, 10_000)] public int CallsMax { get; set; } = 128;

    /// <summary>Calls of one response that run at the same time; others wait.</summary>
    [Range(1, 256)] public int CallsAtOnceMax { get; set; } = 8;

    /// <summary>MCP servers that one request may name.</summary>
    [Range(1, 256)] public int ServersMax { get; set; } = 16;

    /// <summary>Bytes of one result's text; what is longer is cut, and says so.</summary>
    [Range(256, 16 << 20)] public int ResultBytesMax { get; set; } = 256 << 10;

    /// <summary>Bytes that a server may send for one answer, however much of it is text.</summary>
    [Range(4096, 256 << 20)] public int AnswerBytesMax { get; set; } = 4 << 20;

    /// <summary>Tools that are imported from one server; the others are left out.</summary>
    [Range(1, 2048)] public int ToolsMax { get; set; } = 256;

    /// <summary>Bytes of one tool's description and schema; a tool with more is left out.</summary>
    [Range(256, 1 << 20)] public int ToolBytesMax { get; set; } = 32 << 10;

    /// <summary>
    /// How long a session with a server stays open for the next turn of the same tenant with the same credentials; 0: each response has its
    /// own.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")] public TimeSpan SessionIdleMax { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Sessions that are shared and kept; the one that was used longest ago gives way, and where all are used, a response has its
    /// own.</summary>
    [Range(1, 4096)] public int SessionsMax { get; set; } = 64;

    /// <summary>Those of them that are one tenant's.</summary>
    [Range(1, 4096)] public int SessionsTenantMax { get; set; } = 16;

    /// <summary>How long it may take to leave a session well.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")] public TimeSpan CloseTimeMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a server's list of tools is known without asking again, where the server does not say that it is so for a shorter time, nor
    /// that it has changed; 0: it is asked each time.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")] public TimeSpan ListAgeMax { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Bytes of all lists that are known; one that finds no room is asked for each time.</summary>
    [Range(0, 4L << 30)] public long ListBytesMax { get; set; } = 64L << 20;
}

/// <summary>An MCP server that may be reached.</summary>
public sealed class ToolServerOptions
{
    /// <summary>
    /// Its name, 1 to 32 letters, digits, '-' and '_': requests without an address name it by <c>server_label</c> or
    /// <c>connector_id</c>.
    /// </summary>
    public string Name { get; set; } = "";

    /// <summary>Its address. A request that gives an address gives this one, but for what stands behind '?' here.</summary>
    public string Url { get; set; } = "";

    /// <summary>Headers that every request to it has; a client cannot set them.</summary>
    public IList<ToolHeaderOptions> Headers { get; init; } = [];

    /// <summary>Whether requests may bring an authorization and headers of their own for it.</summary>
    public bool TakesAuthorization { get; set; } = true;

    /// <summary>Whether its address may be this machine's, or one of a private network; else such a connection is refused, whatever
    /// name leads to it.</summary>
    public bool AllowsPrivate { get; set; }

    /// <summary>Tenants that may use it; empty: all. To others it is not there.</summary>
    public IList<string> Tenants { get; init; } = [];

    /// <summary>Tools of it that may be used; empty: all that it lists.</summary>
    public IList<string> AllowedTools { get; init; } = [];
}

/// <summary>A header that requests to a server have.</summary>
public sealed class ToolHeaderOptions
{
    /// <summary>The header's name.</summary>
    public string Name { get; set; } = "";

    /// <summary>What it says, where that is no secret.</summary>
    public string? Value { get; set; }

    /// <summary>The environment variable that holds what it says.</summary>
    public string? Environment { get; set; }

    /// <summary>The file that holds what it says.</summary>
    public string? File { get; set; }

    /// <summary>What stands before it, such as <c>Bearer</c> and a space.</summary>
    public string Prefix { get; set; } = "";
}

[OptionsValidator] public sealed partial class ToolOptionsValidator : IValidateOptions<ToolOptions>;
