using System.Collections.Frozen;
using System.Text;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Requests;

/// <summary>What a backend does not do of what a request asks for, by the field table.</summary>
public static class FieldReport
{
    private static readonly FrozenDictionary<string, InnerRow[]> Inner = FieldRows.Of(FieldApi.Responses)
        .Where(row => !row.IsTop && !row.Path.Contains('[', StringComparison.Ordinal))
        .Select(row => new InnerRow(row))
        .GroupBy(row => row.Field, StringComparer.Ordinal)
        .ToFrozenDictionary(rows => rows.Key, rows => rows.ToArray(), StringComparer.Ordinal);

    /// <summary>What backends do with a field of a create request; null where the table does not know it.</summary>
    /// <remarks>What is refused as soon as it is read never asks a backend for anything: it is read here. What a client of the Messages
    /// API says and nobody here knows is for upstreams of that API.</remarks>
    public static FieldUses? UsesOf(CreateRequest request, string field) =>
        RowOf(request, field) is { } row ? row.IsRefusedAtOnce ? FieldUses.Here : row.Uses
            : IsOfMessages(request) ? MessagesRows.Wishes : null;

    /// <summary>Whether a field that a backend does not take asks it for anything.</summary>
    public static bool Asks(CreateRequest request, string field, RawJson value) =>
        RowOf(request, field) is { } row ? Asks(value, row) : value.IsSet();

    /// <summary>Refuses a request that asks for what this kind of backend would silently not do.</summary>
    /// <exception cref="ApiException">It does.</exception>
    public static void Refuse(CreateRequest request, Func<FieldUses, FieldUse> column)
    {
        foreach (var (name, value) in request.Fields)
            if (RowOf(request, name) is { IsRefusedAtOnce: false } row && column(row.Uses) == FieldUse.Refused && Asks(value, row))
                throw new ApiException(UnsupportedParameter, name, name);
    }

    /// <summary>Names the fields that are left out and would have said something.</summary>
    /// <param name="state">Handed to <paramref name="isLeftOut"/>.</param>
    /// <param name="isLeftOut">Whether a field is left out.</param>
    /// <param name="innerOnly">Only what is in the objects of a request.</param>
    public static IReadOnlyList<string> LeftOut<T>(
        CreateRequest request, T state, Func<FieldUses, T, bool> isLeftOut, bool innerOnly = false)
    {
        List<string>? names = null;
        foreach (var (name, value) in request.Fields)
        {
            var inner = Inner.GetValueOrDefault(name);
            if (innerOnly && inner is null) continue; // most fields
            if (RowOf(request, name) is not { } row || !Asks(value, row)) continue;
            if (!isLeftOut(row.Uses, state)) AddInner(value, inner ?? [], state, isLeftOut, ref names);
            else if (!innerOnly) (names ??= []).Add(name);
        }
        return names ?? [];
    }

    /// <summary>Whether it has a field that only upstreams of the Messages API get.</summary>
    public static bool IsForMessages(CreateRequest request) => IsOfMessages(request)
        && request.Fields.Any(field => UsesOf(request, field.Key) is { Messages: FieldUse.PassedOn });

    /// <summary>The same name may mean something else to clients of other APIs.</summary>
    private static FieldRow? RowOf(CreateRequest request, string field) =>
        IsOfMessages(request) && MessagesRows.OfMessagesAlone.TryGetValue(field, out var own) ? own : FieldRows.OfRequest(field);

    private static bool IsOfMessages(CreateRequest request) => request.MessagesThinking is not null;

    private static void AddInner<T>(
        RawJson value, InnerRow[] rows, T state, Func<FieldUses, T, bool> isLeftOut, ref List<string>? names)
    {
        foreach (var (row, path) in rows)
            if (isLeftOut(row.Uses, state) && Find(value, path) is { IsEmpty: false } found && Asks(found, row))
                (names ??= []).Add(row.Path);
    }

    /// <summary>The value at a path of names, from the object that has the first.</summary>
    private static RawJson Find(RawJson value, byte[][] path)
    {
        foreach (var name in path) value = value.OwnField(name);
        return value;
    }

    private static bool Asks(RawJson value, FieldRow row)
    {
        if (value.IsEmpty || value.IsNull || value.Utf8.Span.SequenceEqual("[]"u8)) return false;
        foreach (var idle in row.Idle)
            if (value.Utf8.Span is [(byte)'"', .. var text, (byte)'"'] && Ascii.Equals(text, idle)) return false;
        return true;
    }

    /// <summary>A field inside an object of a request.</summary>
    /// <param name="Path">Its names from there.</param>
    private sealed record InnerRow(FieldRow Row, byte[][] Path)
    {
        public InnerRow(FieldRow row) : this(row, [.. row.Path.Split('.').Skip(1).Select(Encoding.UTF8.GetBytes)]) { }

        /// <summary>The request's field that it stands in.</summary>
        public string Field { get; } = Row.Path[..Row.Path.IndexOf('.', StringComparison.Ordinal)];
    }
}
