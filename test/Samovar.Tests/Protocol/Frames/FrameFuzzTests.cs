using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;
using Samovar.Tests.Protocol.Conformance;

namespace Samovar.Tests.Protocol.Frames;

public sealed class FrameFuzzTests
{
    private const int FramesCount = 120_000;

    /// <summary>Frames that were taken have a response written for them, which costs more than reading: only some.</summary>
    private const int WrittenEvery = 10;

    [Fact]
    public void MutatedFrames_GiveAFrame_OrAnErrorOfTheCatalogue()
    {
        var seed = Environment.GetEnvironmentVariable("SAMOVAR_FUZZ_SEED") is { } text ? int.Parse(text,
            System.Globalization.CultureInfo.InvariantCulture) : 4711;
        var mutation = new FrameMutation(new Random(seed), [.. Samples.Frames.Select(Samples.Utf8)]);
        var codes = new HashSet<string>(StringComparer.Ordinal);
        var taken = 0;
        for (var i = 0; i < FramesCount; i++)
        {
            var bytes = mutation.Next();
            try
            {
                if (Taken(bytes, isWritten: i % WrittenEvery == 0) is { } code) codes.Add(code);
                else taken++;
            }
            catch (Exception odd)
            {
                Assert.Fail($"frame {i} of SAMOVAR_FUZZ_SEED={seed}: {odd}\n{Convert.ToBase64String(bytes)}");
            }
        }
        // The mutations reach both sides and most of the reader: a fuzz that only breaks JSON would show little.
        Assert.InRange(taken, FramesCount / 20, FramesCount / 2);
        Assert.True(codes.Count >= 12, string.Join(' ', codes));
    }

    /// <summary>Null, or the code of the error.</summary>
    private static string? Taken(byte[] bytes, bool isWritten)
    {
        try
        {
            var frame = ClientFrameReader.Read(bytes, ProtocolLimits.Default);
            if (isWritten) Write(frame);
            return null;
        }
        catch (ApiException refused)
        {
            Assert.NotEmpty(refused.Kind.Code);
            Assert.NotEmpty(refused.Message);
            if (isWritten) Assert.Empty(OpenResponsesSchema.Envelope(Samples.Element(ErrorBody.WebSocket(refused,
                refused.Frame?.Lane ?? LaneId.Default))));
            return refused.Kind.Code;
        }
    }

    /// <summary>What was taken can be echoed: its items and tools go out again as valid JSON.</summary>
    private static void Write(ClientFrame frame)
    {
        var request = frame switch
        {
            ClientFrame.Create create => create.Request,
            ClientFrame.Bare bare => bare.Request,
            _ => null,
        };
        if (request is null) return;
        var response = Samples.Response() with
        {
            Request = request,
            Instructions = request.Instructions,
            Tools = request.Tools ?? ToolList.Empty,
            Output = request.Input,
            Status = ResponseStatus.Completed,
        };
        var json = EventWriter.Write(new ResponseEvent.Completed(response), 0, ResponseEventOptions.Default);
        Assert.Equal(request.Input.Count, Samples.Element(json).GetProperty("response").GetProperty("output").GetArrayLength());
        Assert.True(EventReader.TryRead(json, ProtocolLimits.Default with { DepthMax = 80 }, out _));
    }
}
