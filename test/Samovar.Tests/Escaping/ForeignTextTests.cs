using System.Diagnostics.Metrics;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Accounting;
using Samovar.Cli.Agents;
using Samovar.Cli.Commands;
using Samovar.Cli.Top;
using Samovar.Engine;
using Samovar.Escaping;
using Samovar.Metering;
using Samovar.Protocol.Ids;
using Samovar.Server.Monitoring;
using Samovar.Server.Monitoring.Status;
using Samovar.Testing;

namespace Samovar.Tests.Escaping;

/// <summary>Every place where somebody else's words reach a log, a label or a terminal, with words that mean harm.</summary>
public sealed partial class ForeignTextTests
{
    [Fact]
    public void PlainText_IsLeftAsItIs()
    {
        foreach (var text in new[] { "resp_0a1b", "ünï 😀 — fine", "gpt-5.2 (high)", "日本語", "" })
            Assert.Equal((text, text), (ForeignText.OneLine(text), ForeignText.Screen(text)));
        Assert.Equal("local", ForeignText.Value("local"));
        Assert.Equal("(default)", ForeignText.Value("(default)"));
        Assert.Equal("\"\"", ForeignText.Value(""));
        Assert.Null(ForeignText.Value(null));
    }

    [Fact]
    public void Escapes_SayWhatStoodThere() => Assert.Equal(
        "\\u001b[2J\\n\\r\\t\\u0000\\u009b\\u2028\\u202e\\ud83d\\U000e0041",
        ForeignText.OneLine("\e[2J\n\r\t\0\u009b\u2028\u202e\ud83d\U000e0041"));

    [Fact]
    public void EveryRune_IsSafeOrEscaped()
    {
        for (var code = 0; code <= 0x10ffff; code++)
        {
            if (!Rune.IsValid(code)) continue;
            Hostile.AssertSafe(ForeignText.OneLine(char.ConvertFromUtf32(code)), '\ufffd');
        }
    }

    [Fact]
    public void RequestLine_HasTheFieldsThatWeWrote_AndNoOther()
    {
        foreach (var text in Hostile.Texts)
        {
            var logger = new LineLogger<LoggerRequestLog>();
            new LoggerRequestLog(logger).Write(Record(text));
            var line = Assert.Single(logger.Lines);
            Hostile.AssertSafe(line);
            Assert.DoesNotContain(" tenant=bob", line, StringComparison.Ordinal);
            var fields = Field().Matches(line).Select(field => field.Groups["name"].Value).ToList();
            string[] expected = ["tenant", "lane", "model", "destination", "affinity", "matched", "compaction", "kind", "previous",
                "error", "miss", "in", "out", "up", "back", "tokens", "retries", "faults", "queued", "first", "stored", "total"];
            Assert.Equal(expected, fields);
        }
    }

    [Fact]
    public void RequestLogFile_HasOneLineOfAscii()
    {
        foreach (var text in Hostile.Texts)
        {
            var bytes = RequestLogLine.Of(Record(text), DateTimeOffset.UnixEpoch);
            Assert.Equal((byte)'\n', bytes[^1]);
            Assert.All(bytes[..^1], b => Assert.InRange(b, (byte)' ', (byte)'~'));
        }
    }

    [Fact]
    public void ConsoleLog_HasOneLineForEachEntry_WhoeverWroteMessageAndException()
    {
        foreach (var text in Hostile.Texts)
        {
            var output = new StringWriter { NewLine = "\n" };
            var exception = new InvalidOperationException(text, new IOException(text));
            new OneLineFormatter(TimeProvider.System).Write(
                new LogEntry<string>(LogLevel.Error, "Category", 7, "says " + text, exception, (state, _) => state), null, output);
            var written = output.ToString();
            Assert.EndsWith("\n", written, StringComparison.Ordinal);
            Hostile.AssertSafe(written[..^1]);
        }
    }

    [Fact]
    public void ConsoleLog_SaysWhen_WithDateAndZone()
    {
        var (output, time) = (new StringWriter(), new ManualTime());
        time.Advance(new TimeSpan(180, 23, 10, 5, 7)); // of a year that begins with the first of January
        new OneLineFormatter(time).Write(
            new LogEntry<string>(LogLevel.Information, "Category", 7, "text", null, (state, _) => state), null, output);
        Assert.StartsWith("2026-06-30T23:10:05.007Z info: Category[7] text", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void MetricLabel_IsOneLine_WithOneValue()
    {
        foreach (var text in Hostile.Texts)
        {
            using var readings = new MetricReadings(new MonitoringOptions(), scope: this);
            using var meter = new Meter("Samovar.ForeignTextTests", null, null, scope: this);
            meter.CreateCounter<long>("hostile").Add(1, new KeyValuePair<string, object?>("model", text));
            var line = Assert.Single(readings.Text().Split('\n'), line => line.StartsWith("hostile_total", StringComparison.Ordinal));
            Hostile.AssertSafe(line);
            Assert.Matches("""^hostile_total\{model="(?:[^"\\]|\\["\\n])*"\} 1$""", line);
            Hostile.AssertSafe(new BoundedNames(10).Of(text));
        }
    }

    [Fact]
    public void Terminal_IsNotSteered_ByModelToolOrServer()
    {
        foreach (var text in Hostile.Texts)
        {
            var output = new StringWriter { NewLine = "\n" };
            var screen = new ConsoleScreen(output, colour: false);
            screen.Text(text);
            screen.CallBegins(text, text);
            screen.CallEnded(text);
            screen.Line("35", $"Run this command? {text}");
            Hostile.AssertSafe(output.ToString(), '\n', '\t', '\u200d');
            Assert.Matches("(?m)^Run this command\\? .*\n\\z", output.ToString()); // one line, however many the command has

            var top = TopTerminal.Text(TopScreen.Of(Report(text), null, 400, 20), 400, withColours: false);
            Hostile.AssertSafe(top, '\n');
        }
    }

    [Fact]
    public void ReadyNote_NamesTheModel_AsOneLine()
    {
        var lines = Note("m").Split('\n').Length;
        foreach (var text in Hostile.Texts)
        {
            Hostile.AssertSafe(Note(text), '\n');
            Assert.Equal(lines, Note(text).Split('\n').Length);
        }

        static string Note(string model)
        {
            var output = new StringWriter { NewLine = "\n" };
            ReadyNote.Write(output, "http://127.0.0.1:1", [model], isFound: false, store: "in memory", hasPage: true);
            return output.ToString();
        }
    }

    private static RequestRecord Record(string text) => new()
    {
        Tenant = new TenantId(text), Outcome = "refused", Response = new ResponseId(text), Previous = new ResponseId(text),
        Lane = new LaneId(text), RequestModel = text, Model = text, Destination = text, Affinity = text, Matched = text, ErrorCode = text,
        MissCause = text, Faults = [text], Dropped = [text],
    };

    private static StatusReport Report(string text) => new()
    {
        Version = text, At = DateTimeOffset.UnixEpoch, UptimeSeconds = 1, Draining = false, Tenant = text,
        Sessions = new SessionStatus(0, 0, 0, 0), Turns = new TurnStatus(),
        Requests = [new RequestStatus
        {
            At = DateTimeOffset.UnixEpoch, Tenant = text, Outcome = text, Model = text, Destination = text, Affinity = text, Error = text,
            Miss = text, Faults = [text],
        }],
        Pools = [new PoolStatus(text, 0, 0, [new DestinationStatus { Name = text, Kind = text, Refusal = text, LastFault = text }])],
        Engine = new EngineStatus(text, 1, new EngineCounters()),
    };

    [GeneratedRegex("""(?<= )(?<name>[a-z]+)=(?:"(?:[^"\\]|\\.)*"|[^ "]*)(?= |$)""")]
    private static partial Regex Field();
}
