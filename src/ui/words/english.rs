//! The texts in English, which are in the program: the page says something before anything is fetched, and whatever
//! another language lacks is said in these words.
//!
//! Every text has a key here; the other languages have the same keys in `www/lang/*.json`. What stands in braces is
//! filled in. Two texts with a bar between them are for one thing and for any other number of things, which is `{n}`;
//! other languages have as many forms as they need. `{text}` is a server's text, which is set apart where it is shown.
//!
//! The manner: sentence case, no exclamation marks, cause before cure, "about" before every estimate, and a likelihood
//! where others state a fact.

macro_rules! texts {
    (
        front { $($front:ident = $said:literal $(| $others:literal)?;)* }
        rest { $($key:ident = $text:literal $(| $other:literal)?;)* }
    ) => {
        /// What is said, whatever the language.
        // A catalogue is one for all builds: one without the debug panel has its texts and does not say them.
        #[cfg_attr(not(feature = "debug"), allow(dead_code))]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Key {
            $(#[doc = $said] $front,)*
            $(#[doc = $text] $key,)*
        }

        /// The first texts in the order of the keys, as [`super::catalogue::Catalogue`] keeps them.
        pub(super) const FRONT: &str = concat!($($said, $("\u{1}", $others,)? "\0",)*);

        /// The texts after those.
        pub(super) const REST: &str = concat!($($text, $("\u{1}", $other,)? "\0",)*);

        /// The keys' names as numbers, in their order: a catalogue that was fetched has names, the program need not.
        pub(super) const NAMES: &[u32] = &[
            $(super::catalogue::hash(stringify!($front)),)*
            $(super::catalogue::hash(stringify!($key)),)*
        ];

        /// The keys' names, in their order.
        #[cfg(test)]
        pub(super) const WRITTEN: &[&str] = &[$(stringify!($front),)* $(stringify!($key),)*];
    };
}

texts! {
    // What the page says before anybody has signed in; the rest is loaded with what says it.
    front {
        Settings = "Settings";
        Theme = "Theme";
        AsTheSystem = "As the system";
        ThemeLight = "Light";
        ThemeDark = "Dark";
        Language = "Language";
        AsTheBrowser = "As the browser";
        LanguageNotLoaded = "This language could not be loaded. Check your network, then choose it again.";
        ListSeparator = ", ";
        PartSeparator = " · ";
        SignIn = "Sign in";
        SigningIn = "Signing in…";
        SignInFor = "For {text}";
        NotLoaded = "The rest of this page could not be loaded. Check your network, then try again, or reload the page.";
        EmailOrUserName = "E-mail or user name";
        Password = "Password";
        WrongCredentials = "The e-mail or the password is wrong. Check both and try again.";
        SignInUnreachable = "The server did not answer. Check your network and try again.";
        SignInUnread = "The server's answer cannot be read. Try again later.";
        SignInRefused = "The server refused. Try again later. It said: {text}";
        ShowDetails = "Show details";
    }

    rest {
        // The page around everything.
        SkipToContent = "Skip to content";
        MainNavigation = "Main";
        Media = "Media";
        Meetings = "Meetings";
        SignedInAs = "Signed in as {text}";
        SignOut = "Sign out";
        SignOutStops = "{n} file is not uploaded yet. Signing out stops it." | "{n} files are not uploaded yet. Signing out stops them.";
        NotNow = "Not now";
        Path = "Path";
        AllMedia = "All media";
        NotFound = "Not found";
        UnknownServer = "Unknown server";
        UnknownServerMeans = "This address names a server that is not configured here.";
        Configuration = "Configuration";
        NotSetUp = "This page is not set up";
        ConfigurationFault = "Its {text} cannot be used:";
        ConfigurationCure = "Correct the file beside this page's index.html on the web server, then reload the page.";

        // What a person chooses for the page.
        Announcements = "Announcements";
        AnnounceAll = "All";
        AnnounceImportant = "Important";
        AnnounceOff = "Off";

        // Figures. What goes between several of them, and before and after a text that has them in it.
        Seconds = "{n} s" | "{n} s";
        Minutes = "{n} min" | "{n} min";
        Hours = "{n} h" | "{n} h";
        LargeAndSmall = "{large} {small}";
        Bytes = "{n} B" | "{n} B";
        Kilobytes = "{n} kB";
        Megabytes = "{n} MB";
        Gigabytes = "{n} GB";
        Terabytes = "{n} TB";
        Ago = "{span} ago";
        JustNow = "just now";
        UnderOneSecond = "under 1 s";
        FewSecondsLeft = "a few seconds left";
        AboutLeft = "about {span} left";
        CountOf = "{done} of {n}";

        // Signing in.
        SignInAgain = "Sign in again";

        // Sending files.
        UploadTo = "Upload to";
        UploadFile = "Upload a file";
        FilesToUpload = "Files to upload";
        Uploads = "Uploads";
        DropToUpload = "Drop to upload to {text}";
        Dismiss = "Dismiss";
        DismissNamed = "Dismiss: {name}";
        Cancel = "Cancel";
        CancelNamed = "Cancel: {name}";
        WaitsToBeSent = "Waits to be sent";
        SentOf = "{sent} of {size}";
        SentAll = "Sent. Waiting for the server.";
        Uploaded = "Uploaded";
        NotUploaded = "Not uploaded";
        NotConfirmed = "Not confirmed";
        NotConfirmedNamed = "Upload not confirmed: {name}";
        NotUploadedNamed = "Not uploaded: {name}";
        UploadTooLarge = "The file is larger than the server takes. Choose a smaller one.";
        UploadTooLargeFor = "The server takes at most {size}. Choose a smaller file.";
        UploadUnreachable = "The server did not answer. Check your network and upload it again.";
        UploadSignInFirst = "Sign in first, then upload it again.";
        UploadEmpty = "The file is empty. Choose another.";
        UploadUnconfirmed = "The server did not confirm the file: it may be there or not. Look for it in the list before you upload it again.";
        UploadRefused = "The server did not take the file. Try again, or choose another.";
        UploadRefusedBecause = "The server did not take the file. Try again, or choose another. Why: {text}";

        // What an analysis is of and made of.
        UnnamedFile = "Unnamed file";
        UnnamedVideo = "Unnamed video";
        UnnamedInterview = "Unnamed interview";
        UnnamedMeeting = "Unnamed meeting";
        AFile = "a file";
        AVideo = "a video";
        AnInterview = "an interview";
        KindVideo = "Video";
        KindImage = "Image";
        KindAudio = "Audio";
        ReceivedAt = "received {at}";
        Models = "Models";
        Analyses = "Analyses";
        UnnamedAnalysis = "Analysis";
        NumberOfModels = "{n} model" | "{n} models";
        NumberOfAnalyses = "{n} analysis" | "{n} analyses";
        ModelsDone = "{done} of {n} model" | "{done} of {n} models";
        AnalysesDone = "{done} of {n} analysis" | "{done} of {n} analyses";
        MoreModels = "{n} more model" | "{n} more models";
        MoreAnalyses = "{n} more analysis" | "{n} more analyses";
        PartsComplete = "{parts} complete";
        PartsFailed = "{text} failed";
        NumberFailed = "{n} failed" | "{n} failed";

        // Where an analysis stands.
        StatusNone = "No status yet";
        StatusQueued = "Queued";
        StatusAnalyzing = "Analyzing";
        StatusComplete = "Complete";
        StatusPartlyComplete = "Partly complete";
        StatusFailed = "Failed";
        StatusCancelled = "Cancelled";
        NoAnalysisYet = "No analysis yet";
        AnalysisRuns = "Analysis in progress";
        AnalysisComplete = "Analysis complete";
        AnalysisPartlyComplete = "Analysis partly complete";
        AnalysisFailed = "Analysis failed";
        AnalysisCancelled = "Analysis cancelled";
        CancelledAfter = "Cancelled after {parts}";
        NoModelFinished = "No model finished";
        NoModelFinishedHere = "no model finished";
        NoModelFinishedWhole = "No model finished. Your file was not changed.";
        NoResult = "No result";
        NoResultHere = "no result";
        NoResultWhole = "No result. Your file was not changed.";
        NoModelNamed = "No model is named that looked at this file. Its type may have no matching model.";
        NoDetails = "The server gave no details of this analysis.";
        WaitingForServer = "Waiting for the server to start.";
        RunNumber = "Run {n}";
        EarlierRuns = "Earlier runs";
        EarlierRun = "Earlier run";
        EndNotKnown = "End not known";
        BeganAt = "began {at}";
        RunsNotKept = "{n} older run is not kept." | "{n} older runs are not kept.";
        NoSuchRun = "There is no run {n} here.";
        FinishedAt = "finished {at}";
        Took = "took {span}";
        Elapsed = "elapsed {span}";
        AskingForResult = "asking the server for the result";
        MayBeOutOfDate = "may be out of date";
        OverallProgress = "Overall progress";
        AnalyzeAgain = "Analyze again";
        AskingAgain = "Requesting…";
        CancelQuestion = "Cancel this analysis? Finished models keep their results.";
        CancelAnalysis = "Cancel analysis";
        KeepRunning = "Keep running";
        Cancelling = "Cancelling…";
        CouldNotCancel = "Could not cancel.";
        CancelUnconfirmed = "The server has not said that it was cancelled. It may go on: cancel again, or wait.";
        NotLoadedYet = "Not loaded yet";
        NotLoadedMeans = "The server did not answer, or with an error. What it says will be shown here.";
        NothingKnown = "Nothing is known of this item";
        NothingKnownMeans = "It may have been deleted, belong to another account, or still be on its way.";

        // A model.
        Working = "Working";
        WorkingSoFar = "Working, {n} so far" | "Working, {n} so far";
        Attempt = "Attempt {n}";
        AttemptOf = "Attempt {n} of {total}";
        AttemptFailed = "Attempt {n} failed. Waiting to retry.";
        AttemptFailedBecause = "Attempt {n} failed: {text}. Waiting to retry.";
        NoUpdateFor = "No update for {span}";
        CompleteIn = "Complete in {span}";
        FailedBecause = "Failed: {text}";
        FailedAfter = "Failed after {n} attempt" | "Failed after {n} attempts";
        FailedAfterBecause = "Failed after {n} attempt: {text}" | "Failed after {n} attempts: {text}";

        // What came of it.
        Result = "Result";
        ResultSoFar = "Result so far";
        ResultsByModel = "Results by model";
        LabelFake = "Fake";
        LabelReal = "Real";
        LabelSafe = "Safe";
        LabelFlagged = "Flagged";
        NoResultYet = "No result yet";
        NothingYet = "No result yet.";
        NotFinal = "Not final";
        LikelyFake = "Likely fake";
        LikelyReal = "Likely real";
        LikelyFakeByOne = "Likely fake ({who})";
        LikelyRealByOne = "Likely real ({who})";
        ModelsDisagree = "Models disagree";
        OtherResult = "Other result";
        NoVerdict = "No verdict was given.";
        NoVerdictSoFar = "No verdict so far.";
        SayFake = "{who} says fake." | "{who} say fake.";
        SayReal = "{who} says real." | "{who} say real.";
        SayFakeOthersNot = "{who} says fake, {others}." | "{who} say fake, {others}.";
        OthersSayReal = "{n} says real" | "{n} say real";
        EachSay = "{n} says fake and {n} says real." | "{n} say fake and {n} say real.";
        ServersResult = "The server's own result.";
        ServersResultScore = "The server's own result, score {percent}.";
        ModelScoreNotProof = "A model score is not proof.";
        ModelScoreNotProofYet = "A model score is not proof. Wait for all models before deciding.";
        ScoreNotProof = "A score is not proof.";
        ScoreNotProofYet = "A score is not proof. Wait for the end before deciding.";
        SimulatedData = "Simulated data. Do not use these scores.";
        Simulated = "simulated";

        // The list.
        FilterMedia = "Filter media";
        Search = "Search";
        SortBy = "Sort by";
        SortNewest = "Newest";
        SortName = "Name";
        SortProgress = "Progress";
        Status = "Status";
        AllStatuses = "All";
        AllResults = "All results";
        Filters = "Filters";
        FiltersSet = "Filters ({n})";
        ClearFilters = "Clear filters";
        NoMatch = "No items match these filters.";
        Items = "{n} item" | "{n} items";
        ItemsOf = "{done} of {n} item" | "{done} of {n} items";
        NumberAnalyzing = "{n} analyzing" | "{n} analyzing";
        NumberQueued = "{n} queued" | "{n} queued";
        NotListed = "{n} older one is not listed" | "{n} older ones are not listed";
        NewItems = "{n} new item" | "{n} new items";
        NumberNew = "{n} new" | "{n} new";
        NoLongerMatch = "{n} no longer match" | "{n} no longer match";
        LastUpdated = "Last updated {ago}";
        NoMediaYet = "No media yet";
        NoMediaYetCure = "Upload a file to see live analysis here.";
        MediaNotLoaded = "Could not load media.";
        TryAgain = "Try again";
        LoadingMedia = "Loading media";

        // The connection.
        ConnectionStatus = "Connection status";
        Servers = "Servers";
        Idle = "Not connected";
        Connecting = "Connecting";
        CatchingUp = "Live, catching up";
        NotUpToDate = "Not up to date";
        Delayed = "Updates delayed";
        Live = "Live";
        Reconnecting = "Reconnecting";
        Offline = "Offline";
        Stopped = "Stopped";
        IdleMeans = "Nothing is being received.";
        ConnectingMeans = "The first connection is being made.";
        CatchingUpMeans = "Fetching what happened before.";
        NotUpToDateMeans = "The server's state could not be loaded.";
        DelayedMeans = "It does not tell what happens. It is asked about once a minute.";
        LiveMeans = "What you see is the server's state.";
        LiveUnverifiedMeans = "Only what it says from now on is known.";
        ReconnectingMeans = "Progress may be out of date.";
        OfflineMeans = "This device has no network.";
        SignInAgainMeans = "Nobody is signed in here.";
        StoppedMeans = "The server closes every connection.";
        OfflineNow = "You are offline, so what you see may be out of date. We will reconnect when your network is back.";
        SessionEnded = "Your session has ended. Sign in again to see live updates.";
        NotSignedIn = "Sign in to see live updates.";
        NotSignedInTo = "Not signed in to {text}. Sign in to see live updates.";
        NotFetched = "Connected, but the current state could not be loaded. What you see may be out of date.";
        DelayedNow = "Connected, but the server does not tell what happens. It is asked about once a minute.";
        DelayedNamed = "Connected, but {text} does not tell what happens. It is asked about once a minute.";
        ConnectionStopped = "Connection stopped. The server closes every connection at once.";
        ConnectionToStopped = "Connection to {text} stopped. The server closes every connection at once.";
        ConnectionLost = "Connection lost. Progress may be out of date.";
        ConnectionToLost = "Connection to {text} lost. Progress may be out of date.";
        NotReached = "No connection to the server could be made.";
        NotReachedNamed = "No connection to {text} could be made.";
        RetryingIn = "Retrying in {span}";
        RetryNow = "Retry now";
        StateFetched = "State fetched {ago}.";
        StateNotFetched = "State not fetched yet.";
        ServerSays = "The server says: {text}";
        Counters = "Counters";
        CountedEvents = "Events";
        CountedSnapshots = "Snapshots";
        CountedReconnects = "Reconnects";
        CountedProtocolErrors = "Protocol errors";
        CountedMalformed = "Malformed events";
        CountedUnknown = "Unknown events";
        CountedForeign = "Events of others";

        // Cards.
        Notifications = "Notifications (Alt+T)";
        ShowFewer = "Show fewer";
        NumberMore = "{n} more" | "{n} more";
        HideNamed = "Hide: {name}";
        HideDetailsNamed = "Hide details: {name}";
        ShowDetailsNamed = "Show details: {name}";
        UnnamedFileHere = "unnamed file";
        UnnamedVideoHere = "unnamed video";
        UnnamedInterviewHere = "unnamed interview";
        WhileAway = "While you were away";
        WhileAwayHere = "while you were away";
        YourSessionEnded = "Your session has ended";
        YourSessionEndedHere = "session ended";
        SignInForUpdates = "Sign in again to see live updates.";
        EndedWith = "{status}: {verdict}";
        AnalysesFinished = "{n} analysis finished" | "{n} analyses finished";
        NoUpdateHere = "no update for {span}";
        NotUpdating = "Not updating: no connection";
        View = "View";
        Retry = "Retry";
        Acknowledge = "Acknowledge";
        NotAnalyzedAgain = "Not analyzed again";
        NotAnalyzedAgainNamed = "Not analyzed again: {name}";
        NoAnswer = "No answer: it may be analyzed again or not";
        NoAnswerNamed = "No answer: {name} may be analyzed again or not";
        SimulationNotStarted = "The simulation was not started";
        TooManyMeetings = "Not joined: {n} meeting is open. Leave one first" | "Not joined: {n} meetings are open. Leave one first";

        // What is only spoken.
        SpokenStarted = "Analysis started: {name}.";
        SpokenProgress = "{name}, {percent}.";
        SpokenFinished = "Analysis finished: {name}. {verdict}.";
        SpokenFailed = "Analysis failed: {name}. {why}.";
        SpokenCancelled = "Analysis cancelled: {name}.";
        SpokenNotConfirmed = "Upload not confirmed: {name}.";
        SpokenNotUploaded = "Not uploaded: {name}.";
        SpokenNotLive = "Not live. Progress may be out of date.";
        SpokenLive = "Live now.";
        SpokenAbout = "{about}: {text}";
        SpokenAlert = "{alert}: {what}.";
        SpokenAlertOf = "{alert}: {what}, {who}.";
        Reconnected = "Reconnected.";
        UpdatesRecovered = "{n} update recovered." | "{n} updates recovered.";
        NumberOfUpdates = "{n} update." | "{n} updates.";
        NumberOfAlerts = "{n} alert" | "{n} alerts";
        WorstAlert = "worst: {severity}";
        TrustChanged = "Trust in {who}: {to}, was {from}.";
        Someone = "someone";

        // Meetings.
        NoMeetingServer = "No meeting server";
        NoMeetingServerMeans = "None of the configured servers watches meetings.";
        JoinMeeting = "Join a meeting";
        Server = "Server";
        MeetingId = "Meeting id";
        MeetingIdWrong = "This cannot be a meeting's id: it is empty or too long. Check it, then join again.";
        Join = "Join";
        StartSimulatedMeeting = "Start a simulated meeting";
        JoinedMeetings = "Joined";
        JoinedNone = "You have joined no meeting on this page.";
        LeftMeetings = "Left";
        LeftMeetingsMean = "What was heard of the last {n} stays here until you sign out or close the page.";
        MeetingNamed = "Meeting {text}";
        NotConnected = "Not connected";
        NotJoined = "Not joined";
        Joining = "Joining meeting…";
        Watching = "Watching {span}";
        StartSimulation = "Start the simulation";
        Leave = "Leave";
        YouLeft = "You left {ago}";
        JoinAgain = "Join again";
        MeetingSummary = "Meeting summary";
        SystemHealth = "System health";
        Activity = "Activity";
        Participants = "Participants";
        ParticipantsOrder = "Lowest trust first. Trusted {trusted}+, caution {caution}–{most}, at risk below {caution}.";
        NoOneJoined = "No one has joined yet.";
        HasLeft = "Left";
        NoData = "No data";
        BandAtRisk = "At risk";
        BandCaution = "Caution";
        BandTrusted = "Trusted";
        BandAtRiskHere = "at risk";
        BandCautionHere = "caution";
        BandTrustedHere = "trusted";
        TrustOf = "Trust {n} of {total}, {band}";
        TrustOfLastKnown = "Trust {n} of {total}, {band}, last known";
        LastScore = "Last score {n}";
        LastScoreAgo = "Last score {ago}";
        WaitingForScore = "Waiting for a score";
        NotInTheList = "Not in the list of people";
        NoDataOf = "{name}: no data";
        Sparkline = "{name}, last {minutes} minutes: from {first} to {last}, lowest {lowest}";
        NoFiguresYet = "No figures yet.";
        UpdatedAgo = "Updated {ago}.";
        MetricPeople = "People";
        MetricAnomalies = "Anomalies";
        MetricAverageTrust = "Average trust";
        MetricProcessors = "Server processors";
        MetricMemory = "Server memory";
        MetricPictures = "Pictures checked";
        MetricAnomaliesOf = "{text}: anomalies";
        MetricConfidenceOf = "{text}: detector confidence";
        VideoRate = "Video frames: {frames}/s, {size}/s";
        VideoNone = "Video frames: none for {span}";

        // Alerts.
        Alerts = "Alerts";
        AlertsNewestFirst = "Alerts, newest first";
        AlertsInTitle = "{n} alert" | "{n} alerts";
        AlertsMissing = "Alerts may be missing: the connection is lost.";
        AlertsMissingSince = "Alerts of the last {span} may be missing.";
        AlertsMissingOf = "Nothing was heard for {span} until {ended} ago. Alerts of that time may be missing.";
        AlertsNone = "No alerts so far. Checking for {span}.";
        AlertsNotChecking = "Not checking yet.";
        AlertsNotLetIn = "Not checking: the server has not let this page into the meeting. It is asked again.";
        AlertsRemoved = "{n} entry was removed to make room: acknowledged alerts first, then the mildest." | "{n} entries were removed to make room: acknowledged alerts first, then the mildest.";
        AlertsMilder = "{n} milder alert is not shown." | "{n} milder alerts are not shown.";
        AlertNotProof = "This is a warning, not proof. Verify by another channel before you act.";
        Alert = "Alert";
        AlertUntold = "No description";
        AlertLow = "Low alert";
        AlertMedium = "Medium alert";
        AlertHigh = "High alert";
        AlertCritical = "Critical alert";
        SeverityLow = "Low";
        SeverityMedium = "Medium";
        SeverityHigh = "High";
        SeverityCritical = "Critical";
        SeverityUnknownHere = "unknown";
        SeverityLowHere = "low";
        SeverityMediumHere = "medium";
        SeverityHighHere = "high";
        SeverityCriticalHere = "critical";
        SeverityRose = "Severity rose from {from} to {to}";
        SeverityRoseWhole = "Severity rose from {from} to {to}.";
        Seen = "Seen once" | "Seen {n} times";
        SeenLast = "last {at}";
        ShowEvents = "Show {n} event" | "Show {n} events";
        ShowEventsNamed = "Show {n} event: {name}" | "Show {n} events: {name}";
        HideEvents = "Hide events";
        HideEventsNamed = "Hide events: {name}";
        EventsMadeRoom = "{n} older event made room." | "{n} older events made room.";
        EventsListed = "Only the newest is listed." | "Only the newest {n} are listed.";
        DetectorConfidence = "detector confidence {percent}";
        Advice = "Advice: {text}";
        AcknowledgedByYou = "Acknowledged by you";
        AcknowledgeNamed = "Acknowledge: {name}";
        Undo = "Undo";
        UndoNamed = "Undo acknowledging: {name}";

        // What happened.
        TrailKept = "{n} entry since the meeting was opened here" | "{n} entries since the meeting was opened here";
        TrailFilesHoldAll = "the files hold them all";
        TrailMadeRoom = "{n} made room for others" | "{n} made room for others";
        ExportCsv = "Export CSV";
        ExportJson = "Export JSON";
        NothingHappened = "Nothing has happened yet.";
        ActivityNewestFirst = "Activity, newest first";
        TrailJoined = "Joined";
        TrailLeft = "Left";
        TrailThere = "Was there already";
        TrailGone = "Was no longer there";
        TrailAcknowledgementUndone = "Acknowledgement taken back by you";
        TrailWhat = "{what}: {text}";
        TrailTrust = "Trust went from {from} to {to}";
        TrailTrustScore = "Trust went from {from} to {to} ({n})";
        TrailYouLeft = "You left the meeting";
        TrailConnectionLost = "Connection lost";
        TrailConnectionBack = "Connected again";
        TrailGap = "Nothing was heard from {began} until {ended}. Alerts of that time may be missing.";

        // What was shown and said, all of it.
        ActivityNew = "{n} new" | "{n} new";
        ActivityShowNew = "Show {n} new" | "Show {n} new";
        ActivityShowOlder = "Show {n} older" | "Show {n} older";
        ActivityShowAll = "Show all {n} entry" | "Show all {n} entries";
        FilterActivity = "Filter activity";
        Kind = "Type";
        KindAll = "All";
        KindAnalysis = "Analysis";
        KindAlert = "Alert";
        KindTrust = "Trust";
        KindUpload = "Upload";
        KindServer = "Server";
        KindConnection = "Connection";
        Severity = "Severity";
        SeverityAny = "Any";
        SeverityHighUp = "High and above";
        SeverityMediumUp = "Medium and above";
        SeverityLowUp = "Low and above";
        Since = "Time";
        SinceAny = "Any time";
        SinceQuarterHour = "Last 15 minutes";
        SinceHour = "Last hour";
        SinceToday = "Today";
        FileOrMeeting = "File or meeting";
        NothingHappenedMeans = "What is announced or shown on a card stands here until you sign out or close this page.";
        NothingMatches = "Nothing matches these filters.";
        Entries = "{n} entry" | "{n} entries";
        EntriesOf = "{done} of {n} entry" | "{done} of {n} entries";
        OlderMadeRoom = "{n} older one made room." | "{n} older ones made room.";
        QueuedNamed = "Queued: {name}.";
        AnalysisRunningNamed = "Analysis running: {name}.";
        Corrected = "Corrected. {end}";
        TimesLast = "{n} time, last {at}" | "{n} times, last {at}";
        New = "New";

        // A pause.
        PauseUpdates = "Pause updates";
        Resume = "Resume";
        PausedNothing = "Updates paused. Nothing has changed since. Alerts still come.";
        PausedChanged = "Updates paused. {n} item has changed since. Alerts still come." | "Updates paused. {n} items have changed since. Alerts still come.";

        // What reaches a person who looks elsewhere, and paper.
        WhenHidden = "When this tab is hidden";
        NotifyMe = "Notify me of ends and high alerts";
        NotificationsBlocked = "Notifications are blocked in your browser settings.";
        NotificationsUnsupported = "This browser has no notifications.";
        NotifyWhenItEnds = "Notify me when it ends";
        SoundForAlerts = "Sound for high alerts";
        Sound = "Sound";
        MuteAlerts = "Mute alert sound";
        SoundBlocked = "Sound is blocked until you click or press a key.";
        Print = "Print";
        Printed = "{server} · printed {day}, {time}";
        PrintedOf = "{server} · id {text} · printed {day}, {time}";
        CopyDetails = "Copy details";
        DetailsCopied = "Details copied.";
        DetailsNotCopied = "Your browser did not let them be copied.";

        // The debug panel: what goes in and out of the session.
        Debug = "Debug panel";
        DebugLoading = "Loading the debug panel…";
        DebugNotLoaded = "The debug panel could not be loaded. Check your network, then try again, or reload the page.";
        DebugWhole = "Recorded from the beginning of this page.";
        DebugIncomplete = "Recorded from the beginning of this page, but not all of it is here any more.";
        DebugSince = "Recorded since {at}. What came before is not in it.";
        DebugFromStart = "Reload and record from the beginning";
        DebugSecrets = "Tokens are taken out, and what stands under a name like password or email. All else is not, not even an e-mail address in a message: read the file before you send it.";
        DebugPause = "Pause the list";
        DebugClear = "Clear";
        DebugReceived = "Received";
        DebugSent = "Sent";
        DebugTraffic = "{n} frame, {rate}/s, {size}" | "{n} frames, {rate}/s, {size}";
        DebugUnhandled = "{n} event had no handler" | "{n} events had no handler";
        DebugUnhandledNone = "Every event had a handler.";
        FilterDebug = "Filter the record";
        DebugName = "Event or path";
        DebugDirection = "Direction";
        DebugEvents = "Events";
        DebugPage = "Person and page";
        DebugOnlyUnhandled = "Only without handler";
        DebugEmpty = "No frames yet.";
        DebugFrames = "Record, oldest first";
        DebugFacts = "{n} fact" | "{n} facts";
        DebugChanges = "{n} change" | "{n} changes";
        DebugNothing = "Says nothing to us";
        DebugForeign = "Someone else's";
        DebugNoHandler = "No handler";
        DebugUnreadable = "Unreadable";
        DebugBroken = "Breaks the protocol";
        DebugWaiting = "Incomplete";
        DebugDetail = "Entry";
        DebugChoose = "Choose an entry to see what it says.";
        DebugGone = "This entry made room for others.";
        DebugMeant = "What it says";
        DebugMade = "What was made of it";
        DebugRaw = "As it came";
        DebugMore = "There is more of it.";
        DebugLeftOut = "{size} are left out.";
        ShowAll = "Show all";
    }
}
