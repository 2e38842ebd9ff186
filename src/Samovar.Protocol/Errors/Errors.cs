namespace Samovar.Protocol.Errors;

/// <summary>Every error there is; docs/errors.md is generated from it.</summary>
public static class Errors
{
    private const string Invalid = "invalid_request_error";
    private const string Unavailable = "service_unavailable_error";
    private const string Server = "server_error";

    private static readonly List<ErrorKind> Rows = [];

    // Chains and models.
    public static readonly ErrorKind PreviousResponseNotFound =
        Row("previous_response_not_found", 400, Invalid, "Previous response with id '{0}' not found.");
    public static readonly ErrorKind PreviousResponseNotStored =
        Row("previous_response_not_found", 400, Invalid,
            "Previous response with id '{0}' was not stored, so a stored response cannot continue it. " +
            "Send the whole input, or `store`: false.");
    public static readonly ErrorKind ResponseNotFound = Row("response_not_found", 404, Invalid, "Response with id '{0}' not found.");
    public static readonly ErrorKind ItemNotFound =
        Row("item_not_found", 404, Invalid, "Item with id '{0}' not found. Items are not kept when `store` is false.");
    public static readonly ErrorKind ConversationNotFound =
        Row("conversation_not_found", 404, Invalid, "Conversation with id '{0}' not found.");
    public static readonly ErrorKind ConversationItemNotFound =
        Row("item_not_found", 404, Invalid, "Item with id '{0}' not found in conversation '{1}'.");
    public static readonly ErrorKind ConversationLocked = Row("conversation_locked", 400, Invalid,
        "Another process is currently operating on this conversation. Please retry in a few seconds.");
    public static readonly ErrorKind ConversationsFull = Row("storage_limit_reached", 403, "permission_error",
        "The conversation was not created: {0} Delete conversations that are no longer needed.");
    public static readonly ErrorKind CompletionNotFound =
        Row("completion_not_found", 404, Invalid, "Chat completion with id '{0}' not found.");
    public static readonly ErrorKind ModelNotFound = Row("model_not_found", 404, Invalid, "The requested model '{0}' does not exist.");
    public static readonly ErrorKind ModelLoading =
        Row("model_loading", 503, Unavailable, "The model '{0}' is being loaded; try again in {1}.", retryable: true);
    public static readonly ErrorKind ModelFailed =
        Row("model_load_failed", 500, Server, "The model '{0}' could not be loaded, the server's log says why; it is tried again in {1}.");
    public static readonly ErrorKind CountNotOffered =
        Row("not_supported_by_upstream", 501, Invalid, "The upstream of model '{0}' does not count input tokens.");
    public static readonly ErrorKind ContextLengthExceeded =
        Row("context_length_exceeded", 400, Invalid, "This request needs {0} tokens, but the context holds {1}.");
    public static readonly ErrorKind ToolOutputMissing =
        Row("invalid_request_error", 400, Invalid, "No tool output found for function call {0}.");
    public static readonly ErrorKind ToolCallMissing =
        Row("invalid_request_error", 400, Invalid, "No tool call found for function call output with call_id {0}.");
    public static readonly ErrorKind ToolOutputRepeated =
        Row("invalid_request_error", 400, Invalid, "The output of tool call {0} was given already.");

    public static readonly ErrorKind MakerGone =
        Row("invalid_encrypted_content", 400, Invalid, "The input has a compaction item that only its maker can open, which no " +
            "longer serves '{0}'. Send the conversation itself.");

    public static readonly ErrorKind CannotOpen =
        Row("invalid_encrypted_content", 400, Invalid, "The input has a compaction item that only its maker can open, and '{0}' is not " +
            "its maker. Send the conversation itself.");

    public static readonly ErrorKind SealBroken = Row("invalid_encrypted_content", 400, Invalid,
        "The encrypted content {0}... could not be verified. Reason: {1}.");

    public static readonly ErrorKind TriggerNotLast =
        Row("invalid_value", 400, Invalid, "Invalid '{0}': an item of the type 'compaction_trigger' must be the last of 'input'.");

    // What a request says.
    public static readonly ErrorKind InvalidJson = Row("invalid_json", 400, Invalid, "The request could not be read as JSON: {0}.");
    public static readonly ErrorKind JsonTooDeep = Row("json_too_deep", 400, Invalid,
        "The request's JSON is nested deeper than {0} levels.");
    public static readonly ErrorKind RequestTooLarge =
        Row("request_too_large", 413, Invalid, "The request has {0} bytes; at most {1} are accepted.");
    public static readonly ErrorKind MissingParameter = Row("missing_required_parameter", 400, Invalid,
        "Missing required parameter: '{0}'.");
    public static readonly ErrorKind UnsupportedParameter =
        Row("unsupported_parameter", 400, Invalid, "Unsupported parameter: '{0}' is not supported by this server.");
    public static readonly ErrorKind UnsupportedValue =
        Row("unsupported_value", 400, Invalid, "Unsupported value: '{0}' is not supported with this model.");
    public static readonly ErrorKind NothingToCall = Row("missing_required_parameter", 400, Invalid,
        "tool_choice demands a call, but 'tools' names nothing that may be called.");
    public static readonly ErrorKind ConversationRefused =
        Row("unsupported_value", 400, Invalid, "The model's chat template cannot render this conversation: {0}");
    public static readonly ErrorKind GrammarRefused =
        Row("unsupported_value", 400, Invalid, "The output cannot be held to this format: {0}");
    public static readonly ErrorKind DuplicateParameter =
        Row("duplicate_parameter", 400, Invalid, "Duplicate parameter: '{0}' appears more than once in one object.");
    public static readonly ErrorKind MutuallyExclusive =
        Row("mutually_exclusive_parameters", 400, Invalid, "Mutually exclusive parameters: '{0}' and '{1}' cannot be used together.");
    public static readonly ErrorKind InvalidType = Row("invalid_type", 400, Invalid,
        "Invalid type for '{0}': expected {1}, but got {2} instead.");
    public static readonly ErrorKind InvalidValue = Row("invalid_value", 400, Invalid, "Invalid value: '{0}'. Supported values are: {1}.");
    public static readonly ErrorKind EmptyArray =
        Row("empty_array", 400, Invalid,
            "Invalid '{0}': empty array. Expected an array with minimum length 1, but got an empty array instead.");
    public static readonly ErrorKind ArrayTooLong = Row("array_above_max_length", 400, Invalid,
        "Invalid '{0}': array too long. Expected an array with maximum length {1}, but got a longer array instead.");
    public static readonly ErrorKind StringTooLong = Row("string_above_max_length", 400, Invalid,
        "Invalid '{0}': string too long. Expected a string with maximum length {1}, but got a string with length {2} instead.");
    public static readonly ErrorKind StringTooShort = Row("string_below_min_length", 400, Invalid,
        "Invalid '{0}': string too short. Expected a string with minimum length {1}, but got a shorter string instead.");
    public static readonly ErrorKind NotAName = Row("invalid_value", 400, Invalid,
        "Invalid '{0}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.");
    public static readonly ErrorKind DuplicateName = Row("invalid_value", 400, Invalid,
        "Invalid '{0}': duplicate name. Expected unique names, but '{1}' is already used.");
    public static readonly ErrorKind NeedsAnother = Row("invalid_value", 400, Invalid,
        "Invalid '{0}': it is only allowed where '{1}' is true.");
    public static readonly ErrorKind NotAToken = Row("invalid_value", 400, Invalid,
        "Invalid '{0}': '{1}' is not the id of a token of this model.");
    public static readonly ErrorKind IntegerAboveMax = Row("integer_above_max_value", 400, Invalid,
        "Invalid '{0}': integer above maximum value. Expected a value <= {1}, but got {2} instead.");
    public static readonly ErrorKind IntegerBelowMin = Row("integer_below_min_value", 400, Invalid,
        "Invalid '{0}': integer below minimum value. Expected a value >= {1}, but got {2} instead.");
    public static readonly ErrorKind DecimalAboveMax = Row("decimal_above_max_value", 400, Invalid,
        "Invalid '{0}': decimal above maximum value. Expected a value <= {1}, but got {2} instead.");
    public static readonly ErrorKind DecimalBelowMin = Row("decimal_below_min_value", 400, Invalid,
        "Invalid '{0}': decimal below minimum value. Expected a value >= {1}, but got {2} instead.");
    public static readonly ErrorKind TooManyProperties = Row("object_above_max_properties", 400, Invalid,
        "Invalid '{0}': too many properties. Expected an object with at most {1} properties, but got more instead.");
    public static readonly ErrorKind PropertyNameTooLong = Row("property_name_above_max_length", 400, Invalid,
        "Invalid property name in '{0}': too long. Expected a property name with maximum length {1}, but got one with length {2} instead.");

    // Tools that run at the server.
    public static readonly ErrorKind ToolNotServed = Row("unsupported_value", 400, Invalid,
        "Unsupported value: '{0}' is '{1}', and nothing is configured here that runs such tools for this model.");
    public static readonly ErrorKind ToolServerUnknown = Row("invalid_value", 400, Invalid,
        "MCP server '{0}' is not one that this server may reach: its operator names those that are (Tools:Servers).");
    public static readonly ErrorKind ToolSecretsRefused = Row("unsupported_value", 400, Invalid,
        "MCP server '{0}' takes no authorization and no headers of its clients: its operator has set them.");
    public static readonly ErrorKind ToolListFailed = Row("external_connector_error", 424, Invalid,
        "Error retrieving tool list from MCP server: '{1}'. {0}");
    public static readonly ErrorKind ApprovalNotFound = Row("invalid_value", 400, Invalid,
        "No call waits for the approval '{0}': there is no such request in the conversation, or it was answered already.");
    public static readonly ErrorKind ApprovalWithoutServer = Row("invalid_value", 400, Invalid,
        "The call that is approved needs its MCP server: 'tools' names none with the server_label '{0}', or not this tool of it.");

    // Turns without their clients.
    public static readonly ErrorKind BackgroundNeedsStore =
        Row("unsupported_parameter", 400, Invalid, "Unsupported parameter: 'background' is not supported where 'store' is false.");
    public static readonly ErrorKind ConversationNeedsStore = Row("unsupported_value", 400, Invalid,
        "Unsupported value: 'store' cannot be false where 'conversation' is named: a conversation's items are stored.");
    public static readonly ErrorKind BackgroundNotDurable = Row("unsupported_parameter", 400, Invalid,
        "Unsupported parameter: 'background' is not supported by this server, whose responses do not outlive it.");
    public static readonly ErrorKind BackgroundOnSocket = Row("unsupported_parameter", 400, Invalid,
        "Unsupported parameter: 'background' cannot be true over WebSocket. Send it with `POST /v1/responses`, and read its events with " +
        "`GET /v1/responses/{{id}}?stream=true&starting_after=N`.");
    public static readonly ErrorKind NotBackground = Row("invalid_request_error", 400, Invalid,
        "The events of this response cannot be read again: it was not created with background=true and stream=true.");
    public static readonly ErrorKind EventsExpired = Row("response_events_expired", 400, Invalid,
        "The events of response '{0}' from number {1} on are no longer kept here. The response itself can be retrieved.");
    public static readonly ErrorKind CancelSynchronous =
        Row("invalid_request_error", 400, Invalid, "Cannot cancel a synchronous response.");
    public static readonly ErrorKind CancelCompleted = Row("invalid_request_error", 400, Invalid, "Cannot cancel a completed response.");
    public static readonly ErrorKind CancelFailed = Row("invalid_request_error", 400, Invalid, "Cannot cancel a failed response.");
    public static readonly ErrorKind CancelIncomplete = Row("invalid_request_error", 400, Invalid, "Cannot cancel an incomplete response.");
    public static readonly ErrorKind DeleteInFlight = Row("invalid_request_error", 400, Invalid, "Cannot delete an in-flight response.");
    public static readonly ErrorKind ServerRestart =
        Row("server_restart", 500, Server, "The server stopped before the response was finished.", retryable: true);

    // Connections and lanes.
    public static readonly ErrorKind InvalidStreamId = Row("invalid_stream_id", 400, Invalid,
        "Invalid 'stream_id': expected 1 to {0} characters, each a letter, a digit, '_', '-' or '.'; leave it out for the default stream.");
    public static readonly ErrorKind StreamLimit = Row("websocket_stream_limit_reached", 400, Invalid,
        "This connection has used its {0} named streams. Use one of them, or a new connection.");
    public static readonly ErrorKind ConnectionLimit = Row("websocket_connection_limit_reached", 400, Invalid,
        "Responses websocket connection limit reached ({0}). Create a new websocket connection to continue.");
    public static readonly ErrorKind UnknownEventType =
        Row("unknown_event_type", 400, Invalid,
            "Unknown event type: '{0}'. Supported types are: 'response.create', 'response.cancel', 'response.resume', " +
            "'response.steer' and 'response.inject'.");
    public static readonly ErrorKind NothingToCancel = Row("response_cancel_not_active", 400, Invalid,
        "Cancellation failed: no response is running or waiting on this stream.");
    public static readonly ErrorKind SteerInvalid = Row("invalid_input", 400, Invalid, "Steering failed: {0}");
    public static readonly ErrorKind SteeringNotSupported = Row("steering_not_supported", 400, Invalid,
        "Steering is not supported for response '{0}': it is a warm-up, belongs to a conversation, or is compacted automatically.");
    public static readonly ErrorKind TooManySteers = Row("too_many_pending_steers", 400, Invalid,
        "Too much input is waiting already for what follows response '{0}'.");
    public static readonly ErrorKind ResponseCompleted = Row("response_already_completed", 400, Invalid,
        "Response '{0}' is complete already; continue it with `response.create`.");
    public static readonly ErrorKind ResponseNotActive = Row("response_not_active", 400, Invalid,
        "Response '{0}' has failed or was cancelled, and takes no more input.");
    public static readonly ErrorKind SuccessorFailed = Row("successor_creation_failed", 400, Invalid,
        "The response that was to follow could not be created: {0}");
    public static readonly ErrorKind NotAToolOutput = Row("invalid_value", 400, Invalid,
        "Invalid '{0}': only outputs of tool calls, each with its call_id, can be injected.");

    // Doors.
    public static readonly ErrorKind InvalidApiKey = Row("invalid_api_key", 401, "authentication_error", "Missing or incorrect API key.");
    public static readonly ErrorKind KeysUnreadable = Row("keys_unavailable", 503, Unavailable,
        "The server cannot read its keys; try again in {0}.", retryable: true);
    public static readonly ErrorKind NoOperator = Row("operator_key_required", 403, "permission_error",
        "This is not an operator's key; 'operators' in the key file names those, Auth:OperatorKeyHash one where keys are passed on.");
    public static readonly ErrorKind ForeignOrigin = Row("forbidden_origin", 403, Invalid,
        "Pages of {0} may not use this server; the setting Auth:AllowedOrigins names those that may.");
    public static readonly ErrorKind ForeignHost = Row("forbidden_host", 403, Invalid,
        "This server needs no key and so answers only under its own names, not '{0}'; the setting Auth:AllowedHosts names more.");
    public static readonly ErrorKind ForeignPage = Row("forbidden_origin", 403, Invalid,
        "Only a page of '{1}' may ask for this, not one of {0}; a proxy before the server has to pass the Host header on.");
    public static readonly ErrorKind UnknownUrl = Row("unknown_url", 404, Invalid, "Unknown request URL: {0} {1}.");
    public static readonly ErrorKind MethodNotAllowed = Row("method_not_allowed", 405, Invalid, "Method {0} is not allowed here.");
    public static readonly ErrorKind UnsupportedMediaType =
        Row("unsupported_media_type", 415, Invalid, "Unsupported content type or encoding: '{0}'.");
    public static readonly ErrorKind RequestTooSlow =
        Row("request_timeout", 408, Invalid, "The request was not received within {0}.", retryable: true);
    public static readonly ErrorKind BodyTooSlow =
        Row("request_timeout", 408, Invalid, "The request body arrives too slowly.", retryable: true);
    public static readonly ErrorKind InvalidHttp = Row("invalid_http", 400, Invalid, "The request is not valid HTTP: {0}");
    public static readonly ErrorKind HeadersTooLarge =
        Row("request_headers_too_large", 431, Invalid, "The request's headers are too long or too many.");
    public static readonly ErrorKind UrlTooLong = Row("request_url_too_long", 414, Invalid, "The request's URL is too long.");
    public static readonly ErrorKind HttpVersion =
        Row("http_version_not_supported", 505, Invalid, "This server speaks HTTP/1.1 and HTTP/1.0.");
    public static readonly ErrorKind UpgradeRequired =
        Row("upgrade_required", 426, Invalid, "This URL speaks WebSocket on GET; send a POST for plain HTTP.");

    // The server's own state.
    public static readonly ErrorKind RateLimited =
        Row("rate_limit_exceeded", 429, "rate_limit_error", "The rate limit is reached; try again in {0}.", retryable: true);
    public static readonly ErrorKind QuotaReached = Row("rate_limit_exceeded", 429, "rate_limit_error",
        "The quota of {0} is used up; try again in {1}.", retryable: true);

    /// <summary>As above, on a WebSocket, where clients take 429 for final.</summary>
    public static readonly ErrorKind QuotaReachedOnSocket = Row("rate_limit_exceeded", 503, "rate_limit_error",
        "The quota of {0} is used up for now; try again in {1}.", retryable: true);
    public static readonly ErrorKind ServerOverloaded =
        Row("server_is_overloaded", 503, Unavailable, "The server is overloaded; try again in {0}.", retryable: true);
    public static readonly ErrorKind ServerStopping =
        Row("server_is_stopping", 503, Unavailable, "The server is shutting down; connect again.", retryable: true);
    public static readonly ErrorKind NodeLost = Row("node_lost", 503, Unavailable,
        "The server that was making this response was lost before it ended. Send the request again.", retryable: true);
    public static readonly ErrorKind Internal =
        Row("server_error", 500, Server, "The server had an error while processing the request.", retryable: true);
    public static readonly ErrorKind TurnTimedOut = Row("turn_timed_out", 504, Server, "The response was not finished within {0}.",
        retryable: true);

    public static readonly ErrorKind TurnCancelled = Row("response_cancelled", 499, Invalid,
        "The request was cancelled before its response began.");
    public static readonly ErrorKind ChainTooLarge =
        Row("context_too_large", 413, Invalid, "The conversation would hold {0} bytes; at most {1} are kept.");
    public static readonly ErrorKind ChainTooLong =
        Row("context_too_large", 413, Invalid, "The conversation would have {0} {1}; at most {2} are kept.");
    public static readonly ErrorKind ResponseTooLarge = Row("response_too_large", 500, Server,
        "The response is larger than the limit of {0}.");

    // The store of responses.
    public static readonly ErrorKind StoreUnavailable =
        Row("store_unavailable", 503, Unavailable,
            "The store of responses cannot be reached; try again in {0}. Requests with `store` false do not need it.", retryable: true);
    public static readonly ErrorKind StoreFull =
        Row("storage_limit_reached", 403, "permission_error",
            "The response was not stored: {0} Delete stored responses, or send `store` false.");
    public static readonly ErrorKind ResponseNotStored =
        Row("response_not_stored", 500, Server,
            "The response was generated but could not be stored, so it cannot be found or continued. Send the request again.",
            retryable: true);
    public static readonly ErrorKind ChainLost =
        Row("conversation_taken_over", 409, "conflict_error",
            "The conversation was deleted meanwhile, or another server has continued it: the response was not stored. Send the request " +
            "again.");
    public static readonly ErrorKind ChainElsewhere =
        Row("conversation_elsewhere", 409, "conflict_error",
            "The conversation is another node's, which has a turn to end or could not be reached. Send the request again.");
    public static readonly ErrorKind StoredUnreadable =
        Row("stored_response_unreadable", 500, Server, "Response with id '{0}' is stored, but cannot be read: {1}.");

    // Prefixes that are kept warm.
    public static readonly ErrorKind PrefixNotFound = Row("prefix_not_found", 404, Invalid, "Prefix with id '{0}' not found.");
    public static readonly ErrorKind PrefixesNotKept = Row("not_supported_by_upstream", 501, Invalid,
        "The upstream of model '{0}' keeps its own cache: no prefix can be warmed or kept there.");
    public static readonly ErrorKind PrefixesFull = Row("prefix_limit_reached", 403, "permission_error",
        "The prefix was not warmed: beside the {0} of yours that are kept there is no place for another. Drop some that are not needed.");
    public static readonly ErrorKind PrefixTooLarge = Row("prefix_limit_reached", 403, "permission_error",
        "The prefix is not kept: with it, kept prefixes would take {0} bytes of memory, and they may take {1}. Drop some that are no " +
        "longer needed, or shorten this one.");
    public static readonly ErrorKind PrefixTooShort = Row("invalid_value", 400, Invalid,
        "Invalid '{0}': what all conversations that begin so have in common is {1} tokens long; a prefix has {2} at least.");
    public static readonly ErrorKind PrefixDropped = Row("prefix_not_found", 404, Invalid,
        "Prefix with id '{0}' was dropped before it was warm.");
    public static readonly ErrorKind KeepOutOfRange = Row("invalid_value", 400, Invalid,
        "Invalid '{0}': prefixes are kept for {1} to {2} beyond their last use, but got {3} instead.");

    // Upstreams. Agents know server_error and try again; a code of our own would end their run.
    public static readonly ErrorKind UpstreamFailed = Row("server_error", 502, Server, "The upstream failed: {0}", retryable: true);
    public static readonly ErrorKind UpstreamTimedOut =
        Row("server_error", 504, Server, "The upstream did not answer in time: {0}", retryable: true);
    public static readonly ErrorKind UpstreamUnavailable =
        Row("server_error", 503, Server, "No upstream can take this request now; try again in {0}.", retryable: true);

    // The same where the key was the client's own: trying again is no use.
    public static readonly ErrorKind KeyRefusedThere =
        Row("invalid_api_key", 401, "authentication_error", "The upstream refused this API key.");
    public static readonly ErrorKind KeyForbiddenThere =
        Row("permission_denied", 403, "permission_error", "The upstream does not let this API key do that.");
    public static readonly ErrorKind KeyUnpaidThere =
        Row("insufficient_quota", 402, "billing_error", "The upstream says that the account of this API key is not paid for.");

    /// <summary>Every row, in the order of the catalogue.</summary>
    public static IReadOnlyList<ErrorKind> All => Rows;

    private static ErrorKind Row(string code, int status, string type, string message, bool retryable = false)
    {
        var kind = new ErrorKind(code, type, status, retryable, message);
        Rows.Add(kind);
        return kind;
    }
}
