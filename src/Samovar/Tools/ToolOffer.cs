using Samovar.Backends;
using Samovar.Context;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Tools;

/// <summary>The tools of a request as its model is offered them: those that run here are functions like all others.</summary>
internal sealed class ToolOffer
{
    /// <summary>Kinds that nothing but a server runs. What is not run here, nor where the model is, is refused.</summary>
    private static readonly HashSet<string> RunAtServers = new(StringComparer.Ordinal)
    {
        "code_execution", "code_interpreter", "collections_search", "file_search", "image_generation", "mcp", "web_search",
        "web_search_preview", "x_search",
    };

    private readonly ToolList _asked;
    private readonly Dictionary<int, McpTool> _servers = [];
    private readonly Dictionary<(string? Namespace, string Name), ServedTool> _served = [];
    private readonly HashSet<int> _searches = [];
    private readonly int _toolBytesMax;

    /// <param name="turn">The turn.</param>
    /// <param name="servers">What may be reached.</param>
    /// <param name="options">Bounds.</param>
    /// <exception cref="ApiException">A tool runs nowhere, or says something wrong.</exception>
    public ToolOffer(BackendTurn turn, IToolServers servers, ToolOptions options)
    {
        _toolBytesMax = options.ToolBytesMax;
        _asked = turn.Request.Tools is { } own && own.Json == turn.Tools.Json ? own : turn.Tools;
        for (var i = 0; i < _asked.Tools.Count; i++)
            if (_asked.Tools[i] is Tool.Other other) Take(other, i, turn.Tenant, servers, options);
        RefuseInItems(turn.Context);
        if (_servers.Count > 0 || _searches.Count > 0) RefuseTwins();
        Tools = turn.Tools;
    }

    /// <summary>Whether anything runs here.</summary>
    public bool IsServing => _servers.Count > 0 || _searches.Count > 0;

    public IEnumerable<McpTool> Servers => _servers.Values;

    /// <summary>The tools for the backend.</summary>
    public ToolList Tools { get; private set; }

    /// <summary>Those that run here.</summary>
    public IReadOnlyCollection<ServedTool> Served => _served.Values;

    /// <summary>The tool behind a call; null where it is the client's.</summary>
    public ServedTool? Find(string? @namespace, string name) => _served.GetValueOrDefault((@namespace, name));

    public McpTool? ServerOf(string label) => _servers.Values.FirstOrDefault(server => server.Label == label);

    /// <summary>The offer with the lists of tools that are known.</summary>
    public void Fill(ServerItemMap lists)
    {
        if (!IsServing) return;
        var texts = new List<RawJson>();
        _served.Clear();
        for (var i = 0; i < _asked.Tools.Count; i++)
        {
            if (_searches.Contains(i)) texts.Add(McpJson.SearchFunction);
            else if (!_servers.TryGetValue(i, out var server)) texts.Add(_asked.Tools[i].Json);
            else if (lists.Find(server.Label) is { } list && Functions(server, list) is { Count: > 0 } functions)
                texts.Add(McpJson.Namespace(server.Label, server.Description, functions));
        }
        foreach (var search in _searches) _served.TryAdd((null, ServedCall.SearchName), Search(search));
        Tools = Read(McpJson.Array(texts));
    }

    private SearchTool? _search;

    private ServedTool Search(int at) => new(_search!.Server, _search.Name, NeedsApproval: false, _search);

    private List<RawJson> Functions(McpTool server, Item list)
    {
        var functions = new List<RawJson>();
        var tools = list.Json.Field("tools"u8);
        if (!tools.IsArray) return functions;
        foreach (var listed in tools.ElementsOrSelf())
        {
            if (listed.Text("name"u8) is not { Length: > 0 } name || listed.Utf8.Length > 2 * _toolBytesMax) continue;
            var isReadOnly = listed.Field("annotations"u8).Field("readOnlyHint"u8).Utf8.Span.SequenceEqual("true"u8);
            var tool = new ServedTool(server, name, server.Approval.IsNeeded(name, isReadOnly));
            if (!server.Allowed.Has(name, isReadOnly) || _served.ContainsKey((tool.Namespace, tool.CallName))) continue;
            var function = McpJson.Function(
                tool.CallName, listed.Text("description"u8), listed.Field("input_schema"u8), tool.NeedsApproval);
            if (!IsUsable(function)) continue; // a schema that no request could have
            functions.Add(function);
            _served.Add((tool.Namespace, tool.CallName), tool);
        }
        return functions;
    }

    private static bool IsUsable(RawJson function)
    {
        try
        {
            Read(McpJson.Array([function]));
            return true;
        }
        catch (ApiException)
        {
            return false;
        }
    }

    private static ToolList Read(RawJson array)
    {
        try
        {
            var json = new JsonCursor(array.Utf8, ProtocolLimits.Default);
            json.Read();
            return ToolReader.List(ref json);
        }
        catch (System.Text.Json.JsonException broken)
        {
            throw new ApiException(Errors.InvalidJson, broken.Message, "tools");
        }
    }

    private void Take(Tool.Other tool, int at, TenantId tenant, IToolServers servers, ToolOptions options)
    {
        var (kind, param) = (HostedTools.KindOf(tool.Kind), $"tools[{at}]");
        if (kind == "mcp")
        {
            if (_servers.Count == options.ServersMax) throw new ApiException(Errors.ArrayTooLong, ["tools", options.ServersMax], param);
            var server = McpTool.Read(tool, param);
            _servers.Add(at, server with { Entry = servers.Require(tenant, server) });
        }
        else if (kind is "web_search" or "web_search_preview" && (_search ??= servers.SearchFor(tenant)) is not null)
        {
            if (_searches.Count == 0) _searches.Add(at);
            else throw new ApiException(Errors.DuplicateName, [$"{param}.type", tool.Kind], $"{param}.type");
        }
        else if (RunAtServers.Contains(kind) && !IsWithoutNeed(kind, tool))
            throw new ApiException(Errors.ToolNotServed, [$"{param}.type", tool.Kind], $"{param}.type");
    }

    /// <summary>
    /// Codex adds <c>web_search</c> to every request by itself, and is the one who says with it whether the world outside may be reached:
    /// left out and named, for nobody asked for it.
    /// </summary>
    private static bool IsWithoutNeed(string kind, Tool tool) =>
        kind == "web_search" && !tool.Json.Field("external_web_access"u8).IsEmpty;

    private void RefuseTwins()
    {
        var names = new HashSet<string>(_asked.Tools.OfType<Tool.Namespace>().Select(static group => group.Name), StringComparer.Ordinal);
        foreach (var server in _servers.Values)
            if (!names.Add(server.Label))
                throw new ApiException(
                    Errors.DuplicateName, [$"{server.Param}.server_label", server.Label], $"{server.Param}.server_label");
        if (_searches.Count == 0) return;
        for (var i = 0; i < _asked.Tools.Count; i++)
            if (_asked.Tools[i].CallName == ServedCall.SearchName && _asked.Tools[i] is not Tool.Namespace)
                throw new ApiException(Errors.DuplicateName, [$"tools[{i}].name", ServedCall.SearchName], $"tools[{i}].name");
    }

    private static void RefuseInItems(TurnContext context)
    {
        for (var i = 0; i < context.Input.Count; i++)
        {
            if (context.Input[i] is not AdditionalToolsItem more) continue;
            for (var at = 0; at < more.Tools.Tools.Count; at++)
                if (more.Tools.Tools[at] is Tool.Other { Kind: var kind } tool && HostedTools.KindOf(kind) == "mcp")
                {
                    var param = context.ParamOf(i, $".tools[{at}].type");
                    throw new ApiException(Errors.ToolNotServed, [param, tool.Kind], param);
                }
        }
    }
}
