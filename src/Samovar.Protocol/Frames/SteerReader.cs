using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Frames;

/// <summary>Reads the frames that speak to a response while it is being made.</summary>
/// <remarks>What is wrong with a steering frame stands in it: its answer says again what the frame said.</remarks>
internal static class SteerReader
{
    private const string OnlyMessages = "'input' takes a text or user messages of texts, images and files.";

    public static ClientFrame.Steer Steer(ReadOnlyMemory<byte> utf8, ProtocolLimits limits)
    {
        JsonInput.Check(utf8, limits);
        var frame = new RawJson(utf8);
        var (named, said) = (frame.OwnField("previous_response_id"u8), frame.OwnField("input"u8));
        var response = named.AsText() is { Length: > 0 } id ? new ResponseId(id) : (ResponseId?)null;
        try
        {
            var (names, repeated) = Names(utf8, limits);
            if (repeated is not null) throw new ApiException(SteerInvalid, $"'{repeated}' appears more than once.", repeated);
            if (names.Find(static name => name is not ("type" or "previous_response_id" or "input")) is { } other)
                throw new ApiException(SteerInvalid, $"'{other}' has no place in this event.", other);
            if (response is null)
                throw new ApiException(SteerInvalid, "'previous_response_id' names the response that is meant.", "previous_response_id");
            var input = Items(said, limits);
            if (input.Count == 0 || !input.All(IsUsers)) throw new ApiException(SteerInvalid, OnlyMessages, "input");
            return new ClientFrame.Steer(response, said, input, Fault: null);
        }
        catch (ApiException refused)
        {
            var fault = refused.Kind == SteerInvalid ? refused : new ApiException(SteerInvalid, refused.Message, refused.Param);
            return new ClientFrame.Steer(response, said, [], fault);
        }
    }

    public static ClientFrame.Inject Inject(ReadOnlyMemory<byte> utf8, ProtocolLimits limits)
    {
        JsonInput.Check(utf8, limits);
        var frame = new RawJson(utf8);
        var (named, said) = (frame.OwnField("response_id"u8), frame.OwnField("input"u8));
        try
        {
            if (Names(utf8, limits).Repeated is { } repeated) throw new ApiException(DuplicateParameter, repeated, repeated);
            if (named.AsText() is not { Length: > 0 } id) throw Absent(named, "response_id", "a string");
            return new ClientFrame.Inject(new ResponseId(id), said, Outputs(said, limits));
        }
        catch (ApiException refused)
        {
            return new ClientFrame.Inject(new ResponseId(named.AsText() ?? ""), said, [], refused);
        }
    }

    private static IReadOnlyList<Item> Outputs(RawJson said, ProtocolLimits limits)
    {
        if (!said.IsArray) throw Absent(said, "input", "an array");
        var input = Items(said, limits);
        if (input.Count == 0) throw new ApiException(EmptyArray, "input", "input");
        for (var at = 0; at < input.Count; at++)
            if (input[at] is not IToolOutput { CallId.Length: > 0 }) throw new ApiException(NotAToolOutput, $"input[{at}]", $"input[{at}]");
        return input;
    }

    /// <summary>The names of a frame's fields, and one that appears twice.</summary>
    private static (List<string> All, string? Repeated) Names(ReadOnlyMemory<byte> frame, ProtocolLimits limits)
    {
        var json = new JsonCursor(frame, limits);
        var (all, seen, repeated) = (new List<string>(), new HashSet<string>(StringComparer.Ordinal), (string?)null);
        json.Read();
        while (json.NextField())
        {
            if (all.Count == limits.FieldsMax) throw json.Fail(TooManyProperties, "the event", limits.FieldsMax);
            all.Add(json.Text);
            if (!seen.Add(all[^1])) repeated ??= all[^1];
            json.Read();
            json.Skip();
        }
        json.ReadEnd();
        return (all, repeated);
    }

    private static ApiException Absent(RawJson value, string name, string type)
    {
        if (!value.IsSet() || value.AsText() is "") return new ApiException(MissingParameter, name, name);
        var json = new JsonCursor(value.Utf8, ProtocolLimits.None);
        json.Read();
        json.Push(name);
        return json.WrongType(type);
    }

    private static IReadOnlyList<Item> Items(RawJson said, ProtocolLimits limits)
    {
        if (said.IsEmpty) return [];
        var json = new JsonCursor(said.Utf8, limits);
        json.Read();
        json.Push("input");
        return json.Token switch
        {
            JsonTokenType.String => json.Text(limits.TextCharsMax) is { Length: > 0 } text ? [ItemWriter.UserText(text)] : [],
            JsonTokenType.StartArray => json.Elements(limits.InputItemsMax, static (ref json) => ItemReader.Read(ref json)),
            _ => throw new ApiException(SteerInvalid, OnlyMessages, "input"),
        };
    }

    private static bool IsUsers(Item item) => item is MessageItem { Role: Role.User, Content.Count: > 0 } message
        && message.Content.All(static part => part is ContentPart.Text or ContentPart.Image or ContentPart.File)
        && item.Json.Fields().All(static field => field.Name is "type" or "role" or "content" or "id" or "status");
}
