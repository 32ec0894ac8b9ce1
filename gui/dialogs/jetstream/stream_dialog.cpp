#include "gui/dialogs/jetstream/stream_dialog.h"

#include "gui/models/jetstream/stream_text.h"
#include "gui/theme.h"

#include <QComboBox>
#include <QDateTime>
#include <QJsonArray>
#include <QLineEdit>
#include <QRegularExpression>

namespace signalbox::gui {

namespace {

base::WallTime now() {
    return base::WallTime(base::milliseconds(QDateTime::currentMSecsSinceEpoch()));
}

QString listHtml(QString const& color, QString const& mark, QStringList const& sentences) {
    QString html;
    for (QString const& one : sentences) {
        html += QStringLiteral("<p style='margin:2px 0;color:%1'>%2 %3</p>")
                    .arg(color, mark, one.toHtmlEscaped());
    }
    return html;
}

bool isName(QString const& name) {
    QRegularExpression const kForbidden(QStringLiteral("[\\s.*>/\\\\]"));
    return !name.isEmpty() && name.size() <= 255 && !name.contains(kForbidden);
}

}  // namespace

StreamDialog::StreamDialog(Theme const& theme, QJsonObject const& before,
                           host::StreamState const& state, QWidget* parent)
    : RequestDialog(theme,
                    before.isEmpty()
                        ? tr("New stream")
                        : tr("Change %1").arg(before.value(QStringLiteral("name")).toString()),
                    before, parent),
      state_(state) {
    addFields();
    finishForm(isNew() ? tr("Create") : tr("Change"));
}

void StreamDialog::addFields() {
    QLineEdit* const name =
        addText(QStringLiteral("name"), tr("Name"), tr("Without blanks, dots and wildcards"));
    name->setEnabled(isNew());
    addText(QStringLiteral("description"), tr("Description"));
    addList(QStringLiteral("subjects"), tr("Subjects"),
            tr("What is published on these is kept; one in each line, with wildcards"));
    addHeading(tr("How it is kept"));
    QComboBox* const storage =
        addChoice(QStringLiteral("storage"), tr("Storage"),
                  {{QStringLiteral("file"), tr("file")}, {QStringLiteral("memory"), tr("memory")}});
    storage->setEnabled(isNew());
    addChoice(QStringLiteral("retention"), tr("Retention"),
              {{QStringLiteral("limits"), tr("limits: until a limit is reached")},
               {QStringLiteral("interest"), tr("interest: until every consumer has acked")},
               {QStringLiteral("workqueue"), tr("work queue: until one consumer has acked")}});
    addChoice(QStringLiteral("discard"), tr("When full"),
              {{QStringLiteral("old"), tr("delete the oldest")},
               {QStringLiteral("new"), tr("refuse new messages")}});
    addNumber(QStringLiteral("num_replicas"), tr("Replicas"), 1, 5, 1);
    addChoice(QStringLiteral("compression"), tr("Compression"),
              {{QStringLiteral("none"), tr("none")}, {QStringLiteral("s2"), tr("S2")}});
    addHeading(tr("Limits"));
    addAmount(QStringLiteral("max_msgs"), tr("Messages"), tr("A number, such as 10000 or 1 M"));
    addAmount(QStringLiteral("max_bytes"), tr("Bytes"), tr("Such as 500 MB or 2 Gi"));
    addSpan(QStringLiteral("max_age"), tr("Age"), tr("Such as 90s, 24h or 7d"));
    addAmount(QStringLiteral("max_msgs_per_subject"), tr("Messages per subject"), {});
    addAmount(QStringLiteral("max_msg_size"), tr("Bytes of a message"), {});
    addAmount(QStringLiteral("max_consumers"), tr("Consumers"), {});
    addSpan(QStringLiteral("duplicate_window"), tr("Duplicate window"),
            tr("Within it, a message with an id that was there already is not kept again"));
    addHeading(tr("What is allowed"));
    addSwitch(QStringLiteral("allow_direct"), tr("Direct get"),
              tr("Any replica answers reads of single messages"));
    addSwitch(QStringLiteral("allow_rollup_hdrs"), tr("Roll-ups"),
              tr("A message may replace those before it"));
    addSwitch(QStringLiteral("deny_delete"), tr("Deny deleting messages, for good"), {});
    addSwitch(QStringLiteral("deny_purge"), tr("Deny purging, for good"), {});
}

QString StreamDialog::mistake(QJsonObject const& settings) const {
    if (!isName(settings.value(QStringLiteral("name")).toString())) {
        return tr("A stream's name has no blanks, dots, slashes or wildcards.");
    }
    Consequences const all = consequencesOf(before(), settings, state_, now());
    return all.refused.isEmpty() ? QString() : all.refused.first();
}

QString StreamDialog::consequences(QJsonObject const& settings) const {
    ThemeTokens const& tokens = theme().tokens();
    if (isNew()) {
        bool const none = settings.value(QStringLiteral("subjects")).toArray().isEmpty();
        return none ? tr("<p>It keeps what is published on a subject of its name.</p>")
                    : tr("<p>It keeps what is published on its subjects from now on.</p>");
    }
    Consequences const all = consequencesOf(before(), settings, state_, now());
    if (all.none()) {
        return settings == before() ? tr("<p>Nothing is changed yet.</p>")
                                    : tr("<p>No message is deleted.</p>");
    }
    return listHtml(tokens.error.name(), QStringLiteral("⚠"), all.deletes) +
           listHtml(tokens.error.name(), QStringLiteral("✗"), all.refused) +
           listHtml(tokens.text.name(), QStringLiteral("•"), all.others);
}

std::pair<QString, QJsonObject> StreamDialog::request(QJsonObject const& settings) const {
    QString const name = settings.value(QStringLiteral("name")).toString();
    return {(isNew() ? QStringLiteral("STREAM.CREATE.") : QStringLiteral("STREAM.UPDATE.")) + name,
            settings};
}

QJsonObject bucketSettings(BucketWish const& wish) {
    constexpr qint64 kTwoMinutes = 120'000'000'000;
    qint64 const age = static_cast<qint64>(wish.age.count());
    QJsonObject stream{
        {QStringLiteral("name"), QStringLiteral("KV_") + wish.name},
        {QStringLiteral("subjects"), QJsonArray{QStringLiteral("$KV.%1.>").arg(wish.name)}},
        {QStringLiteral("max_msgs_per_subject"), wish.history},
        {QStringLiteral("max_bytes"), wish.maxBytes},
        {QStringLiteral("max_age"), age},
        {QStringLiteral("duplicate_window"), age > 0 ? std::min(age, kTwoMinutes) : kTwoMinutes},
        {QStringLiteral("discard"), QStringLiteral("new")},
        {QStringLiteral("allow_rollup_hdrs"), true},
        {QStringLiteral("deny_delete"), true},
        {QStringLiteral("allow_direct"), true},
        {QStringLiteral("storage"),
         wish.memory ? QStringLiteral("memory") : QStringLiteral("file")},
        {QStringLiteral("num_replicas"), wish.replicas}};
    if (!wish.description.isEmpty()) {
        stream.insert(QStringLiteral("description"), wish.description);
    }
    if (wish.markers) {
        stream.insert(QStringLiteral("allow_msg_ttl"), true);
        stream.insert(QStringLiteral("subject_delete_marker_ttl"), kTwoMinutes);
    }
    return stream;
}

QJsonObject objectStoreSettings(BucketWish const& wish) {
    QJsonObject stream{
        {QStringLiteral("name"), QStringLiteral("OBJ_") + wish.name},
        {QStringLiteral("subjects"), QJsonArray{QStringLiteral("$O.%1.C.>").arg(wish.name),
                                                QStringLiteral("$O.%1.M.>").arg(wish.name)}},
        {QStringLiteral("max_bytes"), wish.maxBytes},
        {QStringLiteral("max_age"), static_cast<qint64>(wish.age.count())},
        {QStringLiteral("discard"), QStringLiteral("new")},
        {QStringLiteral("allow_rollup_hdrs"), true},
        {QStringLiteral("allow_direct"), true},
        {QStringLiteral("storage"),
         wish.memory ? QStringLiteral("memory") : QStringLiteral("file")},
        {QStringLiteral("num_replicas"), wish.replicas}};
    if (!wish.description.isEmpty()) {
        stream.insert(QStringLiteral("description"), wish.description);
    }
    return stream;
}

BucketDialog::BucketDialog(Theme const& theme, Kind kind, bool markers, QWidget* parent)
    : RequestDialog(theme,
                    kind == Kind::KeyValue ? tr("New key-value bucket") : tr("New object store"),
                    {}, parent),
      kind_(kind) {
    addText(QStringLiteral("name"), tr("Name"), tr("Letters, digits, - and _"));
    addText(QStringLiteral("description"), tr("Description"));
    if (kind == Kind::KeyValue) {
        addNumber(QStringLiteral("history"), tr("Values kept of each key"), 1, 64, 1);
    }
    addChoice(QStringLiteral("storage"), tr("Storage"),
              {{QStringLiteral("file"), tr("file")}, {QStringLiteral("memory"), tr("memory")}});
    addAmount(QStringLiteral("max_bytes"), tr("Bytes"), tr("Such as 500 MB or 2 Gi"));
    addSpan(QStringLiteral("max_age"), tr("Expire after"), tr("Such as 90s, 24h or 7d"));
    addNumber(QStringLiteral("num_replicas"), tr("Replicas"), 1, 5, 1);
    if (kind == Kind::KeyValue && markers) {
        addSwitch(QStringLiteral("markers"), tr("Keys may have their own time to live"),
                  tr("What expires leaves a marker, so that whoever watches learns of it"));
    }
    finishForm(tr("Create"));
}

QJsonObject BucketDialog::streamFor(QJsonObject const& settings) const {
    BucketWish const wish{
        .name = settings.value(QStringLiteral("name")).toString(),
        .description = settings.value(QStringLiteral("description")).toString(),
        .history = settings.value(QStringLiteral("history")).toInt(1),
        .age = base::Duration(settings.value(QStringLiteral("max_age")).toInteger(0)),
        .maxBytes = settings.value(QStringLiteral("max_bytes")).toInteger(-1),
        .memory = settings.value(QStringLiteral("storage")).toString() == QLatin1String("memory"),
        .replicas = settings.value(QStringLiteral("num_replicas")).toInt(1),
        .markers = settings.value(QStringLiteral("markers")).toBool()};
    return kind_ == Kind::KeyValue ? bucketSettings(wish) : objectStoreSettings(wish);
}

QString BucketDialog::mistake(QJsonObject const& settings) const {
    QRegularExpression const allowed(QStringLiteral("^[a-zA-Z0-9_-]+$"));
    return allowed.match(settings.value(QStringLiteral("name")).toString()).hasMatch()
               ? QString()
               : tr("A bucket's name is made of letters, digits, - and _.");
}

QString BucketDialog::consequences(QJsonObject const& settings) const {
    return tr("<p>A stream %1 is made, as the field's clients make one for a bucket.</p>")
        .arg(streamFor(settings).value(QStringLiteral("name")).toString().toHtmlEscaped());
}

std::pair<QString, QJsonObject> BucketDialog::request(QJsonObject const& settings) const {
    QJsonObject const stream = streamFor(settings);
    return {QStringLiteral("STREAM.CREATE.") + stream.value(QStringLiteral("name")).toString(),
            stream};
}

}  // namespace signalbox::gui
