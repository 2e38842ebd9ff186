namespace Samovar.Backends.Models;

/// <summary>The words for a model's state.</summary>
internal static class ModelStates
{
    public static string NameOf(ModelState state) => state switch
    {
        ModelState.Unloaded => "unloaded",
        ModelState.Queued => "queued",
        ModelState.Loading => "loading",
        ModelState.Loaded => "loaded",
        ModelState.Unloading => "unloading",
        _ => "failed",
    };
}
