using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Requests;

/// <summary>JSON → <see cref="CreateRequest"/>, with every check that needs nothing but the request itself.</summary>
/// <remarks>
/// The memory handed in is kept: items, tools and fields are slices of it. Who reads into a pooled buffer copies before.
/// Unknown top-level fields are kept, not refused (docs/decisions/0001-unknown-fields.md).
/// </remarks>
public static class CreateRequestReader
{
    private const int UsualFields = 16;

    /// <summary>Throws <see cref="ApiException"/> with the offending field as <c>Param</c>.</summary>
    /// <param name="hints">What the headers say of the request; null: nothing.</param>
    public static CreateRequest Read(
        ReadOnlyMemory<byte> utf8, CreateRequestOrigin origin, ProtocolLimits limits, SessionHints? hints = null)
    {
        utf8 = JsonInput.Accept(utf8, limits);
        try
        {
            return ReadChecked(utf8, origin, limits, hints);
        }
        catch (JsonException broken)
        {
            throw JsonInput.Explain(broken, utf8, limits);
        }
    }

    internal static CreateRequest ReadChecked(
        ReadOnlyMemory<byte> utf8, CreateRequestOrigin origin, ProtocolLimits limits, SessionHints? hints)
    {
        var draft = new CreateDraft(origin);
        var request = ReadFields(utf8, draft, limits);
        if (hints is not null) request.Hints = hints;
        Check(request, draft, origin);
        MarkedPrompt.Take(request);
        return request;
    }

    /// <summary>The settings of a request whose items come from elsewhere.</summary>
    internal static CreateRequest ReadSettings(ReadOnlyMemory<byte> utf8, ProtocolLimits limits) =>
        ReadFields(utf8, new CreateDraft(CreateRequestOrigin.Http), limits);

    private static CreateRequest ReadFields(ReadOnlyMemory<byte> utf8, CreateDraft draft, ProtocolLimits limits)
    {
        var json = new JsonCursor(utf8, limits);
        json.Read();
        json.Expect(JsonTokenType.StartObject, "an object");
        var request = draft.Request;
        request.Fields = Fields(ref json, draft);
        json.ReadEnd();
        if (request.Tools is { HasUnkept: true } tools)
            request.Fields = [.. request.Fields.Select(field => field.Key == "tools" ? new(field.Key, tools.Json) : field)];
        request.Bytes = utf8.Length;
        if (draft.IsPrewarm) request.Generate = false;
        return request;
    }

    private static ImmutableArray<KeyValuePair<string, RawJson>> Fields(ref JsonCursor json, CreateDraft draft)
    {
        var max = json.Limits.FieldsMax;
        var fields = ArrayPool<KeyValuePair<string, RawJson>>.Shared.Rent(UsualFields);
        var (count, seen) = (0, 0UL);
        while (json.NextField())
        {
            if (count == max) throw json.Fail(TooManyProperties, "the request", max);
            if (count == fields.Length) fields = Longer(fields);
            var row = CreateFields.Table.Find(json.Name);
            var name = row?.Name ?? json.Text;
            var start = json.End;
            if (row is not null) json.Field(row, draft, ref seen);
            else Unknown(ref json, name, fields.AsSpan(0, count));
            fields[count++] = new(name, json.ValueSince(start));
        }
        var read = ImmutableArray.Create(fields.AsSpan(0, count));
        ArrayPool<KeyValuePair<string, RawJson>>.Shared.Return(fields, clearArray: true);
        return read;
    }

    private static KeyValuePair<string, RawJson>[] Longer(KeyValuePair<string, RawJson>[] fields)
    {
        var longer = ArrayPool<KeyValuePair<string, RawJson>>.Shared.Rent(2 * fields.Length);
        fields.CopyTo(longer, 0);
        ArrayPool<KeyValuePair<string, RawJson>>.Shared.Return(fields, clearArray: true);
        return longer;
    }

    private static void Unknown(ref JsonCursor json, string name, ReadOnlySpan<KeyValuePair<string, RawJson>> fields)
    {
        json.Push(name);
        foreach (var field in fields)
            if (field.Key == name) throw json.Fail(DuplicateParameter, json.Path);
        json.Pop();
        json.Skip();
    }

    private static void Check(CreateRequest request, CreateDraft draft, CreateRequestOrigin origin)
    {
        if (draft.HasStreamOptions && !request.Stream)
            throw new ApiException(NeedsAnother, ["stream_options", "stream"], "stream_options");
        if (request is { Background: true, Store: false }) throw new ApiException(BackgroundNeedsStore, [], "background");
        var isOfConversation = request.Conversation is not null;
        var continues = request.PreviousResponseId is not null || isOfConversation;
        if (request is { Compacts: true, Generate: false })
            throw new ApiException(MutuallyExclusive, ["compaction_trigger", "generate"], "generate");
        if (request is { Final: true, Generate: false }) // what is warmed is for turns that follow
            throw new ApiException(MutuallyExclusive, ["final", "generate"], "final");
        if (isOfConversation && request.PreviousResponseId is not null)
            throw new ApiException(MutuallyExclusive, ["previous_response_id", "conversation"], "conversation");
        if (isOfConversation && !request.Store) throw new ApiException(ConversationNeedsStore, [], "store");
        if (isOfConversation && !request.Generate) // it would add a question that nobody answers
            throw new ApiException(MutuallyExclusive, ["conversation", "generate"], "generate");
        if (origin == CreateRequestOrigin.Bare && !request.HasInput) throw new ApiException(MissingParameter, "type", "type");
        if (origin == CreateRequestOrigin.Bare || continues || !request.Generate) return;
        if (!request.HasInput) throw new ApiException(MissingParameter, "input", "input");
        if (request is { Input.Count: 0, Instructions: null, Compacts: false }) throw new ApiException(EmptyArray, "input", "input");
    }
}
