using Samovar.Protocol.Requests;

namespace Samovar.Protocol.Translation;

/// <summary>A request of another protocol as the create request that it means.</summary>
/// <param name="Request">Runs like every other.</param>
/// <param name="Places">What its fields are called where it came from.</param>
/// <param name="Answer">Writes the turn's events in the client's protocol.</param>
public sealed record TranslatedRequest(CreateRequest Request, PlaceNames Places, IAnswerTranslator Answer);
