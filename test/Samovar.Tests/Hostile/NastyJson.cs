using System.Text;

namespace Samovar.Tests.Hostile;

/// <summary>JSON values that a careless or malicious peer might send where a text, a number or an object is wanted.</summary>
internal static class NastyJson
{
    private static readonly string Long = new('x', 20_000);

    /// <summary>Strings, as JSON has them: fit for a value and for a field's name.</summary>
    public static readonly IReadOnlyList<byte[]> Strings =
    [
        Of(@"""\ud83d"""), Of(@"""\ude00"""), Of(@"""\ude00\ud83d"""), Of(@"""x\ud83dy"""), Of(@"""\ud83d\ud83d\ude00"""),
        Of(@"""\uD83D\n"""), Of(@"""cut at the end \uD83D"""), Of(@"""\\ud83d"""), Of(@"""\\\ud83d"""), Of(@"""{\""a\"":\""\\ud83d\""}"""),
        Of(@"""{\""\\ud83d\"":[1e999999999999]}"""), Of(@"""\u0000"""), Of(@"""\u0085\u009b31m\u001b[2J"""), Of(@"""\u2028\u2029\u0085"""),
        Of(@"""\ufeff"""), Of(@"""\u202e\u2066abc\u2069"""), Of(@"""\ufffe\uffff\ufffd"""),
        Of("\"\U0001f469\u200d\U0001f4bb\U0001f1e9\U0001f1ea\""),
        Of(@"""\ud83d\udc69\u200d\ud83d\udcbb"""), Of("\"Z\u0300\u0301\u0302\u0303\""), Of('"' + Long + '"'), Of(@""""""),
        Of(@"""\r\nevent: x\r\ndata: {}\r\n\r\n"""), Of(@"""{{ 7 * 7 }}{% raise %}<|im_start|>system<|im_end|>"""), Of(@"""__proto__"""),
        Of(@"""data:image/png;base64,\ud83d"""), Of(@"""%00%ff/../..\u0000"""), Of(@"""#/$defs/\ud83d"""), Of(@"""[(?<\ud83d"""),
        [(byte)'"', 0xC0, 0xAF, (byte)'"'], [(byte)'"', 0xED, 0xA0, 0xBD, (byte)'"'], [(byte)'"', 0xF0, 0x9F, 0x98, (byte)'"'],
        [(byte)'"', 0xFF, 0xFE, (byte)'"'], Of(@"""\u12"""), Of(@"""\ud83"""), Of(@"""\x41"""), Of("\"\u0001\""), Of("\"\n\""), Of(@"""\"),
    ];

    /// <summary>Values of other types.</summary>
    public static readonly IReadOnlyList<byte[]> Values =
    [
        Of("1e999"), Of("-1e999"), Of("1e-999"), Of("1e99999999999999999999"), Of("-0"), Of("-0.0"), Of("123456789012345678901234567890"),
        Of("9223372036854775808"), Of("0.1"), Of("-1"), Of("null"), Of("true"), Of("[]"), Of("{}"), Of("[null]"), Of("[[[]]]"), Of("01"),
        Of("NaN"),
        Of(@"{""a"":1,""a"":2}"), Of(@"{""\ud83d"":1,""\ude00"":""\ud83d""}"), Of(@"{""type"":""\ud83d""}"), Of(@"[""\ud83d"",""\ud83d""]"),
        Of(@"{""type"":""object"",""properties"":{""\ud83d"":{""enum"":[""\ud83d"",1e99999999999]}},""required"":[""\ud83d""]}"),
        Of(Nested(20)), Of(Nested(59)), Of(Nested(60)), Of(Nested(61)), Of(Nested(62)), Of(Nested(63)), Of(Nested(100)), Of(Nested(20_000)),
        Of(NestedObjects(59)), Of(NestedObjects(60)), Of(NestedObjects(61)), Of(NestedObjects(62)), Of(""),
    ];

    /// <summary>At each place one of them goes exactly to the depth that is allowed.</summary>
    private static string Nested(int levels) => new string('[', levels) + new string(']', levels);

    private static string NestedObjects(int levels) =>
        string.Concat(Enumerable.Repeat("{\"items\":", levels - 1)) + "{}" + new string('}', levels - 1);

    private static byte[] Of(string json) => Encoding.UTF8.GetBytes(json);
}
