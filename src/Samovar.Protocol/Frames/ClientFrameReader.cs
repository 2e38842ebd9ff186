using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Frames;

/// <summary>Bytes of one frame → <see cref="ClientFrame"/>. The memory handed in is kept.</summary>
public static class ClientFrameReader
{
    private static readonly FieldTable<CancelDraft> CancelFields = new(
        ("stream_id", static (ref json, draft) => draft.Lane = LaneReader.Read(ref json)),
        ("response_id", static (ref json, draft) => draft.Response = json.OptionalName()));

    private static readonly FieldTable<ResumeDraft> ResumeFields = new(
        ("stream_id", static (ref json, draft) => draft.Lane = LaneReader.Read(ref json)),
        ("response_id", static (ref json, draft) => draft.Response = json.OptionalName()),
        ("starting_after", static (ref json, draft) => draft.After = Forms.EventNumber.Read(ref json)));

    /// <summary>Throws <see cref="ApiException"/>; its <see cref="ApiException.Frame"/> says which lane the frame was for.</summary>
    /// <param name="hints">What the headers of the upgrade say of its frames; null: nothing.</param>
    public static ClientFrame Read(ReadOnlyMemory<byte> utf8, ProtocolLimits limits, SessionHints? hints = null)
    {
        utf8 = JsonInput.Accept(utf8, limits);
        try
        {
            return ReadChecked(utf8, limits, hints);
        }
        catch (JsonException broken)
        {
            throw JsonInput.Explain(broken, utf8, limits);
        }
        catch (ApiException refused)
        {
            refused.Frame = FrameScout.Look(utf8, limits);
            throw;
        }
    }

    private static ClientFrame ReadChecked(ReadOnlyMemory<byte> utf8, ProtocolLimits limits, SessionHints? hints)
    {
        var json = new JsonCursor(utf8, limits);
        json.Read();
        return json.Peek("type", "type"u8) switch
        {
            null => new ClientFrame.Bare(CreateRequestReader.ReadChecked(utf8, CreateRequestOrigin.Bare, limits, hints)) { Sent = utf8 },
            "response.create" => new ClientFrame.Create(
                CreateRequestReader.ReadChecked(utf8, CreateRequestOrigin.WebSocketCreate, limits, hints)) { Sent = utf8 },
            "response.cancel" => Cancel(ref json),
            "response.resume" => Resume(ref json),
            "response.steer" => SteerReader.Steer(utf8, limits),
            "response.inject" => SteerReader.Inject(utf8, limits),
            var unknown => throw new ApiException(UnknownEventType, unknown, "type"),
        };
    }

    private static ClientFrame.Cancel Cancel(ref JsonCursor json)
    {
        var draft = new CancelDraft();
        json.Object(CancelFields, draft);
        json.ReadEnd();
        return new ClientFrame.Cancel(draft.Lane, draft.Response is { } id ? new ResponseId(id) : null);
    }

    private static ClientFrame.Resume Resume(ref JsonCursor json)
    {
        var draft = new ResumeDraft();
        json.Object(ResumeFields, draft);
        json.ReadEnd();
        if (draft.Response is not { } id) throw new ApiException(MissingParameter, "response_id", "response_id");
        return new ClientFrame.Resume(draft.Lane, new ResponseId(id), draft.After ?? -1);
    }

    private sealed class ResumeDraft
    {
        public LaneId Lane { get; set; }
        public string? Response { get; set; }
        public long? After { get; set; }
    }

    private sealed class CancelDraft
    {
        public LaneId Lane { get; set; }
        public string? Response { get; set; }
    }
}
