using System.Collections.Concurrent;
using Samovar.Storage.Sql;

namespace Samovar.Storage.Chains;

/// <summary>The statements that find chat completions by their labels.</summary>
internal sealed class LabelTexts(SqlDialect dialect)
{
    private const string Columns = "r.id, r.model, r.metadata";
    private const string Shown = $"r.tenant = @tenant AND r.kind = 1 AND {There}";
    private const string There = $"r.deleted = 0 AND {ChainTexts.Alive}";

    /// <summary>A label is one tenant's already: said so that no database begins with all that the tenant has.</summary>
    private const string Labelled = $"r.tenant || '' = @tenant AND {There}";
    private readonly ConcurrentDictionary<(int Labels, bool IsDescending), string> _lists = []; // as many as a query has labels at most

    public const string Add = """
        INSERT INTO completion_label (label, row_seq) SELECT @label, r.seq FROM chain_row r
        WHERE r.tenant = @tenant AND r.id = @id AND r.kind = 1 AND r.deleted = 0 ON CONFLICT DO NOTHING
        """;

    public const string RemoveAll = """
        DELETE FROM completion_label
        WHERE row_seq IN (SELECT r.seq FROM chain_row r WHERE r.tenant = @tenant AND r.id = @id AND r.kind = 1)
        """;

    /// <summary>How many have a label, up to a bound.</summary>
    public const string Count = "SELECT count(*) FROM (SELECT 1 FROM completion_label WHERE label = @label LIMIT @max) counted";

    public string Find { get; } = dialect.Text(
        $"SELECT {Columns} FROM chain_row r JOIN chain_tree t ON t.seq = r.tree WHERE {Shown} AND r.id = @id");

    /// <summary>Those that have all of the labels <c>@label0</c> and so on, in their order; the first is what is searched.</summary>
    public string List(int labels, bool isDescending) => _lists.GetOrAdd((labels, isDescending), List);

    private string List((int Labels, bool IsDescending) asked)
    {
        var place = asked.Labels == 0 ? "r.seq" : "l.row_seq";
        var from = asked.Labels == 0 ? "chain_row r" : "completion_label l JOIN chain_row r ON r.seq = l.row_seq";
        var first = asked.Labels == 0 ? "" : "l.label = @label0 AND ";
        var others = string.Concat(Enumerable.Range(1, Math.Max(asked.Labels - 1, 0)).Select(static label =>
            FormattableString.Invariant(
                $" AND EXISTS (SELECT 1 FROM completion_label o WHERE o.label = @label{label} AND o.row_seq = l.row_seq)")));
        const string known = "(SELECT a.seq FROM chain_row a WHERE a.tenant = @tenant AND a.id = @after)";
        var behind = asked.IsDescending ? $"{place} < coalesce({known}, {long.MaxValue})" : $"{place} > coalesce({known}, 0)";
        var order = asked.IsDescending ? " DESC" : "";
        return dialect.Text($"""
            SELECT {Columns} FROM {from} JOIN chain_tree t ON t.seq = r.tree
            WHERE {first}{behind} AND {(asked.Labels == 0 ? Shown : Labelled)}{others} ORDER BY {place}{order} LIMIT @max
            """);
    }
}
