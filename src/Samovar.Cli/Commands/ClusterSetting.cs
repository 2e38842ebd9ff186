using System.CommandLine;

namespace Samovar.Cli.Commands;

/// <summary><c>--cluster</c>: one of several nodes, which share the PostgreSQL that it names.</summary>
internal sealed class ClusterSetting() : Setting("Cluster:Enabled")
{
    private const string StoreKind = "Store:Kind", ConnectionString = "Store:ConnectionString", Postgres = "postgres";

    private readonly Option<string?> _option = new("--cluster")
    {
        Description = "Be one of several nodes that share a PostgreSQL, 'Host=…;Database=…' or postgres://…; see docs/cluster.md.",
        HelpName = "DATABASE",
    };

    public override Option Option => _option;

    public override string? Read(ParseResult parsed) => parsed.GetResult(_option) is { Implicit: false } ? "true" : null;

    public override IEnumerable<KeyValuePair<string, string>> ReadAll(ParseResult parsed) => Read(parsed) is not { } on ? []
        : [new(Key, on), new(StoreKind, Postgres), new(ConnectionString, parsed.GetValue(_option) ?? "")];
}
