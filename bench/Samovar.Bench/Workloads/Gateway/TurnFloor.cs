using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Samovar.Bench.Clients;
using Samovar.Bench.Stub;

namespace Samovar.Bench.Workloads.Gateway;

/// <summary>What nobody who understands a relayed turn can save: its events are parsed and written, and its history is hashed.</summary>
internal static class TurnFloor
{
    private const int WarmUp = 20_000, Repetitions = 20_000;

    /// <summary>Of one core, for the 24 events of a turn: one pass of the parser over each, and one copy of it.</summary>
    public static double EventsMicroseconds()
    {
        var events = Events();
        var wire = new byte[events.Sum(json => json.Length + 64)];
        return Microseconds(() =>
        {
            var length = 0;
            foreach (var json in events)
            {
                var reader = new Utf8JsonReader(json);
                while (reader.Read()) { }
                Encoding.UTF8.GetBytes("event: response.output_text.delta\ndata: ", wire.AsSpan(length));
                json.CopyTo(wire.AsSpan(length + 40));
                length += json.Length + 44;
            }
        });
    }

    /// <summary>Of one core, for what a turn of about 200 bytes and its answer add to a history.</summary>
    public static double HashMicroseconds()
    {
        var added = Encoding.UTF8.GetBytes(TurnAsk.User(Speech.OfLength(200, 1)) + Speech.OfLength(64, 2));
        var hash = new byte[SHA256.HashSizeInBytes];
        return Microseconds(() => SHA256.HashData(added, hash));
    }

    private static List<byte[]> Events()
    {
        var context = new StubContext(null);
        context.Say("user", "count");
        using var events = new StubEvents(new StubRequest { Model = "bench", Context = context }, "resp_1", cachedTokens: 0);
        return [.. events.All().Select(e => e.Json.ToArray())];
    }

    private static double Microseconds(Action turn)
    {
        for (var i = 0; i < WarmUp; i++) turn();
        var started = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < Repetitions; i++) turn();
        return TimeProvider.System.GetElapsedTime(started).TotalMicroseconds / Repetitions;
    }
}
