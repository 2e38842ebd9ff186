using System.Data.Common;
using Samovar.Protocol.Ids;
using Samovar.Storage.Sql;
using Samovar.Stores;

namespace Samovar.Storage.Chains;

/// <summary>Reads one chain, newest first, a page at a time: no read stays open while its reader does something else.</summary>
internal sealed class ChainPages(SqlStore store, ChainTexts texts, StoredChainOptions options, TenantId tenant)
{
    private readonly Dictionary<string, ContentPiece> _pieces = new(StringComparer.Ordinal); // many rows name the same
    private readonly (string, object)[] _bounds = [("@rows", options.PageResponsesMax), ("@bytes", options.PageBytesMax)];

    /// <param name="isHead">Whether it is a conversation's newest row, and hidden from others.</param>
    public async Task<Page> FirstAsync(ResponseId id, bool isHead, CancellationToken caller) => await ReadAsync(
        new(texts.FirstPage,
            [.. _bounds, ("@tenant", tenant.Value), ("@id", id.Value), ("@head", isHead ? 1 : 0),
                ("@age", (long)options.AgeMax.TotalMilliseconds)]), caller);

    /// <param name="from">What the page before said.</param>
    public async Task<Page> NextAsync(long from, CancellationToken caller) =>
        await ReadAsync(new(texts.NextPage, [.. _bounds, ("@tenant", tenant.Value), ("@from", from)]), caller);

    /// <summary>What a statement of its own finds, in its order.</summary>
    public async Task<IReadOnlyList<ChainRow>> SpanAsync(SqlStatement statement, CancellationToken caller) =>
        (await ReadAsync(statement, caller)).Rows;

    private Task<Page> ReadAsync(SqlStatement statement, CancellationToken caller) => store.ReadAsync(async (session, deadline) =>
    {
        long? next = null;
        var read = await session.ReadAsync(statement, row =>
        {
            next = row.IsDBNull(1) ? null : row.GetInt64(1);
            return (Row: Row(row), Names: (byte[])row.GetValue(8));
        }, deadline);
        var rows = new List<ChainRow>(read.Count);
        foreach (var (row, names) in read)
            rows.Add(names.Length == 0 ? row : row with { Pieces = await PiecesAsync(session, names, deadline) });
        return new Page(rows, next);
    }, caller);

    private ChainRow Row(DbDataReader row) => new()
    {
        Tenant = tenant,
        Id = new(row.GetString(4)),
        Parent = row.IsDBNull(5) ? null : new ResponseId(row.GetString(5)),
        Root = new(row.GetString(6)),
        Depth = row.GetInt32(2),
        CreatedAt = new DateTimeOffset(row.GetInt64(3), TimeSpan.Zero),
        Claim = new ChainClaim(row.GetInt64(7)),
        Body = (byte[])row.GetValue(9),
        Kind = (RowKind)row.GetInt32(10),
    };

    private async Task<IReadOnlyList<ContentPiece>> PiecesAsync(SqlSession session, byte[] names, CancellationToken deadline)
    {
        var pieces = new List<ContentPiece>();
        foreach (var name in ChainAppend.NamesOf(names))
        {
            var text = Convert.ToHexStringLower(name);
            if (!_pieces.TryGetValue(text, out var piece))
            {
                var bytes = await session.ScalarAsync(new(texts.Piece, ("@tenant", tenant.Value), ("@name", name)), deadline) as byte[]
                    ?? throw new StoreAwayException($"A part of the store is damaged: the piece {text} of a stored response is missing.");
                _pieces[text] = piece = new ContentPiece(text, bytes);
            }
            pieces.Add(piece);
        }
        return pieces;
    }

    /// <summary>Some rows of a chain.</summary>
    /// <param name="Next">Where the next page begins; null after the chain's start.</param>
    internal readonly record struct Page(IReadOnlyList<ChainRow> Rows, long? Next);
}
