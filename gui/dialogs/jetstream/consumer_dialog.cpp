#include "gui/dialogs/jetstream/consumer_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QJsonArray>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QRegularExpression>

namespace signalbox::gui {

namespace {

/// Of the form alone: the API has two fields for one filter and for several.
constexpr char kDurable[] = "durable";

QJsonObject forForm(QJsonObject settings) {
    if (settings.isEmpty()) {
        return settings;
    }
    QString const one = settings.take(QStringLiteral("filter_subject")).toString();
    if (!one.isEmpty()) {
        settings.insert(QStringLiteral("filter_subjects"), QJsonArray{one});
    }
    settings.insert(QLatin1String(kDurable),
                    !settings.value(QStringLiteral("durable_name")).toString().isEmpty());
    return settings;
}

}  // namespace

ConsumerDialog::ConsumerDialog(Theme const& theme, QString const& stream, QJsonObject const& before,
                               QWidget* parent)
    : RequestDialog(theme,
                    before.isEmpty()
                        ? tr("New consumer of %1").arg(stream)
                        : tr("Change %1").arg(before.value(QStringLiteral("name")).toString()),
                    forForm(before), parent),
      stream_(stream) {
    addText(QStringLiteral("name"), tr("Name"), tr("Without blanks, dots and wildcards"))
        ->setEnabled(isNew());
    addText(QStringLiteral("description"), tr("Description"));
    addList(QStringLiteral("filter_subjects"), tr("Filters"),
            tr("Subjects it reads, one in each line; none: every one of the stream"));
    QCheckBox* const durable = addSwitch(QLatin1String(kDurable), tr("Lasts until it is deleted"),
                                         tr("Else it goes when nobody uses it any more"));
    durable->setEnabled(isNew());
    if (isNew()) {
        durable->setChecked(true);
    }
    addHeading(tr("What it delivers"));
    addChoice(QStringLiteral("deliver_policy"), tr("Begins with"),
              {{QStringLiteral("all"), tr("the first message")},
               {QStringLiteral("last"), tr("the last message")},
               {QStringLiteral("new"), tr("new messages")},
               {QStringLiteral("last_per_subject"), tr("the last message of each subject")},
               {QStringLiteral("by_start_sequence"), tr("a sequence")}})
        ->setEnabled(isNew());
    addAmount(QStringLiteral("opt_start_seq"), tr("From sequence"), {}, 0)->setEnabled(isNew());
    addText(QStringLiteral("deliver_subject"), tr("Pushes to"),
            tr("A subject; none: clients ask for messages (pull)"))
        ->setEnabled(isNew());
    addText(QStringLiteral("deliver_group"), tr("Queue group"), tr("Of a push consumer"));
    addHeading(tr("Acks"));
    addChoice(QStringLiteral("ack_policy"), tr("Acks"),
              {{QStringLiteral("explicit"), tr("each message")},
               {QStringLiteral("all"), tr("one acks all before it")},
               {QStringLiteral("none"), tr("none: delivered is done")}})
        ->setEnabled(isNew());
    addSpan(QStringLiteral("ack_wait"), tr("Redelivers after"), tr("Such as 30s"));
    addAmount(QStringLiteral("max_deliver"), tr("Most deliveries"), tr("Of one message"));
    addAmount(QStringLiteral("max_ack_pending"), tr("Most unacked"),
              tr("Nothing new is delivered while so many wait for an ack"), 0);
    addSpan(QStringLiteral("inactive_threshold"), tr("Goes when unused for"), {});
    finishForm(isNew() ? tr("Create") : tr("Change"));
}

QString ConsumerDialog::mistake(QJsonObject const& settings) const {
    QRegularExpression const forbidden(QStringLiteral("[\\s.*>/\\\\]"));
    QString const name = settings.value(QStringLiteral("name")).toString();
    if (name.isEmpty() || name.contains(forbidden)) {
        return tr("A consumer's name has no blanks, dots, slashes or wildcards.");
    }
    bool const by_sequence = settings.value(QStringLiteral("deliver_policy")).toString() ==
                             QLatin1String("by_start_sequence");
    if (by_sequence && settings.value(QStringLiteral("opt_start_seq")).toInteger() <= 0) {
        return tr("From which sequence?");
    }
    return {};
}

QString ConsumerDialog::consequences(QJsonObject const& settings) const {
    QStringList all;
    if (isNew()) {
        bool const push = !settings.value(QStringLiteral("deliver_subject")).toString().isEmpty();
        all << (push ? tr("It begins to send as soon as somebody subscribes there.")
                     : tr("It delivers when a client asks."));
        if (!settings.value(QLatin1String(kDurable)).toBool()) {
            all << tr("It goes by itself when nobody uses it any more.");
        }
    } else if (settings.value(QStringLiteral("filter_subjects")) !=
               before().value(QStringLiteral("filter_subjects"))) {
        all << tr("What is pending is counted anew; what was delivered stays delivered.");
    }
    QString html;
    for (QString const& one : all) {
        html += QStringLiteral("<p style='margin:2px 0'>• %1</p>").arg(one.toHtmlEscaped());
    }
    return html.isEmpty() ? tr("<p>Messages stay where they are.</p>") : html;
}

std::pair<QString, QJsonObject> ConsumerDialog::request(QJsonObject const& settings) const {
    QJsonObject config = settings;
    QString const name = config.value(QStringLiteral("name")).toString();
    if (config.take(QLatin1String(kDurable)).toBool()) {
        config.insert(QStringLiteral("durable_name"), name);
    }
    QJsonArray const filters = config.value(QStringLiteral("filter_subjects")).toArray();
    if (filters.size() == 1) {
        config.remove(QStringLiteral("filter_subjects"));
        config.insert(QStringLiteral("filter_subject"), filters.first());
    }
    for (char const* const key : {"opt_start_seq", "max_ack_pending"}) {
        if (config.value(QLatin1String(key)).toInteger() == 0) {
            config.remove(QLatin1String(key));
        }
    }
    return {QStringLiteral("CONSUMER.CREATE.%1.%2").arg(stream_, name),
            {{QStringLiteral("stream_name"), stream_},
             {QStringLiteral("config"), config},
             {QStringLiteral("action"),
              isNew() ? QStringLiteral("create") : QStringLiteral("update")}}};
}

}  // namespace signalbox::gui
