namespace Samovar.Protocol.Responses;

/// <summary>Every word for why a conversation was rendered whole. docs/why.md has the list, and a test compares the two.</summary>
public static class WholeReasons
{
    public const string NoParent = "no_parent";
    public const string Model = "model_changed";
    public const string ContinuesAnswer = "continues_answer";
    public const string Settings = "settings_changed";
    public const string NoEnd = "answer_end_unknown";
    public const string CutCall = "call_cut_off";
    public const string LeftOut = "items_left_out";
    public const string Order = "order_of_input";
    public const string Shape = "shape_not_known";
    public const string Certificate = "not_certified";
    public const string Content = "content_not_certified";
    public const string Suffix = "suffix_not_separable";
    public const string Said = "not_as_written";

    /// <summary>What each means.</summary>
    public static readonly IReadOnlyList<(string Name, string Meaning)> All =
    [
        (NoParent, "it goes on from no response that is known here with its tokens"),
        (Model, "what it goes on from was another model's"),
        (ContinuesAnswer, "the request gives the answer's beginning"),
        (Settings, "tools, instructions, effort or the template's variables are others"),
        (NoEnd, "what it goes on from is a warm-up, or an answer whose tokens are not all in its items"),
        (CutCall, "what it goes on from ends in a call that was cut off"),
        (LeftOut, "`truncation: auto` has left items out, or now must not"),
        (Order, "the new items begin with the assistant's own, or answer calls that are not known"),
        (Shape, "the new items make no turn of a known shape"),
        (Certificate, "the template writes earlier messages otherwise once newer ones follow: no proof holds for this shape of turn"),
        (Content, "what the conversation says changes the way that its template goes"),
        (Suffix, "the new part's tokens cannot be had apart from the old"),
        (Said, "the client resent the history, and the model's own tokens are not those that its text would have"),
    ];
}
