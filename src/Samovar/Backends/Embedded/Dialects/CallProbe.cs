namespace Samovar.Backends.Embedded.Dialects;

/// <summary>The calls that templates are asked to write.</summary>
internal static class CallProbe
{
    public const string FirstName = "probe_alpha";
    public const string SecondName = "probe_gamma";
    public const string FirstId = "probeid01"; // nine letters and digits: some templates take no other
    public const string SecondId = "probeid02";
    public const string FirstKey = "key_one";
    public const string SecondKey = "key_two";
    public const string FirstValue = "valueone";
    public const string SecondValue = "valuetwo";
    public const string Number = "48213";
    public const string Text = "probe words 5Kd";
    public const string Thought = "probe thought 3Wm";

    private const string Texts = $$"""{"{{FirstKey}}": "{{FirstValue}}", "{{SecondKey}}": "{{SecondValue}}"}""";
    private const string Numbers = $$"""{"{{FirstKey}}": {{Number}}, "{{SecondKey}}": {{Number}}}""";

    public static readonly ProbeAnswer One = new() { Calls = [new ProbeCall(FirstName, FirstId, Texts)] };

    public static readonly ProbeAnswer Two = One with { Calls = [.. One.Calls, new ProbeCall(SecondName, SecondId, Texts)] };

    public static readonly ProbeAnswer WithNumbers = new() { Calls = [new ProbeCall(FirstName, FirstId, Numbers)] };

    public static readonly ProbeAnswer WithoutArguments = new() { Calls = [new ProbeCall(FirstName, FirstId, "{}")] };

    public static readonly ProbeAnswer Said = new() { Text = Text };
}
