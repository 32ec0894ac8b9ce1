#include "gui/pages/start_page.h"

#include "gui/icons.h"
#include "gui/models/figures.h"

#include <QClipboard>
#include <QGridLayout>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace signalbox::gui {

namespace {

QLabel* wrapped(QString const& text) {
    auto* const label = new QLabel(text);
    label->setWordWrap(true);
    label->setProperty("role", "muted");
    label->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    return label;
}

/// A button that does what an action does, and is named after it; hidden while that is not
/// possible, if so wanted.
QPushButton* buttonFor(QAction* action, bool primary, bool whenPossible) {
    auto* const button = new QPushButton(action->text());
    button->setProperty("primary", primary);
    button->setAccessibleName(action->text());
    QObject::connect(button, &QPushButton::clicked, action, &QAction::trigger);
    auto const follow = [button, action, whenPossible] {
        bool const possible = action->isEnabled();
        button->setText(action->text());
        button->setEnabled(possible);
        // Shown without a parent it would be a window.
        if (whenPossible && (!possible || button->parentWidget() != nullptr)) {
            button->setVisible(possible);
        }
    };
    QObject::connect(action, &QAction::changed, button, follow);
    follow();
    return button;
}

}  // namespace

StartPage::StartPage(PageContext const& context)
    : Page(context, {QStringLiteral("start"), tr("Start"), QStringLiteral("start")}) {
    auto* const mark = new QLabel;
    mark->setPixmap(programIcon().pixmap(56, 56));
    auto* const name = new QLabel(tr("Signalbox"));
    name->setFont(Theme::scaled(2.0, QFont::DemiBold));
    state_ = new QLabel;
    state_->setProperty("role", "muted");
    state_->setTextFormat(Qt::PlainText);
    auto* const words = new QVBoxLayout;
    words->setSpacing(2);
    words->addWidget(name);
    words->addWidget(state_);
    auto* const top = new QHBoxLayout;
    top->setSpacing(kSpace * 2);
    top->addWidget(mark);
    top->addLayout(words, 1);

    client_ = clientCard();

    body().addSpacing(kSpace);
    body().addLayout(top);
    body().addSpacing(kSpace);
    body().addLayout(isRemote() ? remoteCards() : localCards());
    body().addSpacing(kSpace);
    body().addWidget(client_);
    if (isRemote()) {
        body().addWidget(lookingCard());
    }
    body().addStretch(1);
    connect(&context.source, &DataSource::stateChanged, this, &StartPage::showState);
    showState();
}

QLayout* StartPage::localCards() {
    Actions const& actions = context().actions;
    auto* const grid = new QGridLayout;
    grid->setSpacing(kSpace * 2);
    grid->addWidget(card(QStringLiteral("play"), tr("Develop"),
                         tr("Run a broker inside this window, on this machine alone, and see every "
                            "message of the program you are writing."),
                         {actions.get(QStringLiteral("broker.start")),
                          actions.get(QStringLiteral("broker.options"))}),
                    0, 0);
    grid->addWidget(card(QStringLiteral("messages"), tr("Debug"),
                         tr("Find out who publishes what to whom: which subjects nobody listens "
                            "to, which listeners hear nothing, and what is in each message."),
                         {actions.get(QStringLiteral("page.messages")),
                          actions.get(QStringLiteral("page.subjects"))}),
                    0, 1);
    grid->addWidget(card(QStringLiteral("attach"), tr("Operate"),
                         tr("Look at a server that runs elsewhere, any that speaks NATS, without "
                            "changing it: its figures, connections, accounts and events."),
                         {actions.get(QStringLiteral("remote.attach"))}),
                    0, 2);
    grid->addWidget(
        card(QStringLiteral("topology"), tr("Break a cluster"),
             tr("Build several servers on this machine, draw a line across their links, "
                "pull a plug, and watch what clients and messages do."),
             {actions.get(QStringLiteral("window.lab"))}),
        1, 0);
    grid->addWidget(card(QStringLiteral("demo"), tr("Look around"),
                         tr("Let a small shop of real client connections publish, listen, ask and "
                            "answer, so that no page is empty."),
                         {actions.get(QStringLiteral("demo.toggle"))}),
                    1, 1);
    for (int column = 0; column < 3; ++column) {
        grid->setColumnStretch(column, 1);
    }
    return grid;
}

QLayout* StartPage::remoteCards() {
    Actions const& actions = context().actions;
    auto* const grid = new QGridLayout;
    grid->setSpacing(kSpace * 2);
    grid->addWidget(card(QStringLiteral("attach"), tr("This server"),
                         tr("What this window looks at, and as whom. Nothing is changed there "
                            "unless the profile allows it."),
                         {actions.get(QStringLiteral("broker.options")),
                          actions.get(QStringLiteral("broker.stop")),
                          actions.get(QStringLiteral("broker.start"))}),
                    0, 0);
    grid->addWidget(card(QStringLiteral("messages"), tr("Debug"),
                         tr("See messages by subscribing to them: a load on the server, which ends "
                            "by itself when too much comes."),
                         {actions.get(QStringLiteral("page.messages")),
                          actions.get(QStringLiteral("page.subjects"))}),
                    0, 1);
    grid->addWidget(card(QStringLiteral("start"), tr("Elsewhere"),
                         tr("Look at another server in a window of its own, or run a broker on "
                            "this machine."),
                         {actions.get(QStringLiteral("remote.attach")),
                          actions.get(QStringLiteral("window.local"))}),
                    0, 2);
    for (int column = 0; column < 3; ++column) {
        grid->setColumnStretch(column, 1);
    }
    return grid;
}

QWidget* StartPage::lookingCard() {
    auto* const frame = new QFrame;
    frame->setObjectName(QStringLiteral("card"));
    auto* const heading = new QLabel(tr("How it is looked at"));
    heading->setFont(Theme::scaled(1.25, QFont::DemiBold));
    auto* const grid = new QGridLayout;
    grid->setHorizontalSpacing(kSpace * 2);
    grid->setVerticalSpacing(6);
    grid->setColumnStretch(1, 1);
    auto const line = [&](QString const& name) {
        auto* const label = new QLabel;
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        label->setAccessibleName(name);
        int const row = grid->rowCount();
        grid->addWidget(mutedLabel(name), row, 0, Qt::AlignTop);
        grid->addWidget(label, row, 1);
        return label;
    };
    looking_.version = line(tr("Server"));
    looking_.figures = line(tr("Figures"));
    looking_.events = line(tr("Events"));
    looking_.messages = line(tr("Messages"));
    looking_.cost = line(tr("What it costs it"));
    auto* const column = new QVBoxLayout(frame);
    column->setContentsMargins(18, 16, 18, 16);
    column->setSpacing(10);
    column->addWidget(heading);
    column->addLayout(grid);
    looking_.card = frame;
    return frame;
}

void StartPage::showLooking(observe::RemoteFacts const& facts) {
    using From = observe::FiguresFrom;
    looking_.version->setText(facts.cluster.empty()
                                  ? tr("version %1").arg(wireText(facts.version))
                                  : tr("version %1, of the cluster %2")
                                        .arg(wireText(facts.version), wireText(facts.cluster)));
    QString const often = facts.interval == base::seconds(1)
                              ? tr("every second")
                              : tr("every %1 seconds").arg(facts.interval / base::seconds(1));
    looking_.figures->setText(
        facts.figures == From::SystemAccount ? tr("from the system account, %1").arg(often)
        : facts.figures == From::Monitoring  ? tr("from monitoring over HTTP, %1").arg(often)
        : facts.figures == From::OwnAccount
            ? tr("none of the server; the connections of this user's account, %1").arg(often)
            : tr("none: this user is told nothing"));
    looking_.events->setText(facts.events ? tr("told by the server as they happen")
                             : facts.figures == From::Nowhere
                                 ? tr("none")
                                 : tr("seen by comparing lists of connections: what comes "
                                      "and goes between two looks is missed"));
    QStringList loads;
    if (facts.sampling.state == observe::Sampling::State::On) {
        loads << tr("subjects sampled by a subscription to %1, %2/s now")
                     .arg(wireText(facts.sampling.filter), shortCount(facts.sampling.per_second));
    }
    if (facts.tap.state == observe::Sampling::State::On) {
        loads << tr("tapped by a subscription to %1, %2/s now")
                     .arg(wireText(facts.tap.filter), shortCount(facts.tap.per_second));
    }
    looking_.messages->setText(loads.isEmpty() ? tr("none are looked at: no load")
                                               : loads.join(QStringLiteral("; ")));
    QStringList costs;
    for (observe::AskingCost const& cost : facts.costs) {
        QString one =
            tr("%1 asked %2 times, %3, last in %4")
                .arg(wireText(cost.document), exactCount(cost.asked),
                     shortBytes(static_cast<double>(cost.bytes)), shortDuration(cost.last));
        if (!cost.error.empty()) {
            one += tr(" (now: %1)").arg(wireText(cost.error));
        }
        costs << one;
    }
    looking_.cost->setText(costs.isEmpty() ? tr("nothing yet") : costs.join(QLatin1Char('\n')));
}

QWidget* StartPage::card(QString const& iconName, QString const& title, QString const& text,
                         QList<QAction*> const& actions) {
    auto* const frame = new QFrame;
    frame->setObjectName(QStringLiteral("card"));
    auto* const symbol = new QToolButton;
    symbol->setIcon(icon(iconName));
    symbol->setIconSize({26, 26});
    symbol->setAttribute(Qt::WA_TransparentForMouseEvents);
    symbol->setFocusPolicy(Qt::NoFocus);
    symbol->setAccessibleName(title);
    auto* const heading = new QLabel(title);
    heading->setFont(Theme::scaled(1.25, QFont::DemiBold));
    auto* const row = new QHBoxLayout;
    row->addWidget(symbol);
    row->addWidget(heading, 1);
    auto* const buttons = new QHBoxLayout;
    for (QAction* const action : actions) {
        buttons->addWidget(buttonFor(action, action == actions.front(), isRemote()));
    }
    buttons->addStretch(1);
    auto* const column = new QVBoxLayout(frame);
    column->setContentsMargins(18, 16, 18, 16);
    column->setSpacing(10);
    column->addLayout(row);
    column->addWidget(wrapped(text), 1);
    column->addLayout(buttons);
    return frame;
}

QWidget* StartPage::clientCard() {
    auto* const frame = new QFrame;
    frame->setObjectName(QStringLiteral("card"));
    auto* const heading = new QLabel(tr("Connect a client"));
    heading->setFont(Theme::scaled(1.25, QFont::DemiBold));
    auto* const grid = new QGridLayout;
    grid->setHorizontalSpacing(kSpace);
    grid->setVerticalSpacing(6);
    int row = 0;
    auto const line = [&](QString const& name) {
        auto* const field = new QLineEdit;
        field->setReadOnly(true);
        field->setFont(Theme::monospace());
        field->setAccessibleName(name);
        auto* const copy = new QToolButton;
        copy->setIcon(icon(QStringLiteral("copy")));
        copy->setAccessibleName(tr("Copy: %1").arg(name));
        copy->setToolTip(copy->accessibleName());
        connect(copy, &QToolButton::clicked, this, [this, field] {
            QGuiApplication::clipboard()->setText(field->text());
            emit context().navigation.said(tr("Copied: %1").arg(field->text()));
        });
        grid->addWidget(mutedLabel(name), row, 0);
        grid->addWidget(field, row, 1);
        grid->addWidget(copy, row, 2);
        ++row;
        return field;
    };
    url_ = line(tr("Address"));
    sub_ = line(tr("Listen with the nats tool"));
    pub_ = line(tr("Publish with the nats tool"));
    raw_ = line(tr("Publish with nothing but a shell"));
    auto* const column = new QVBoxLayout(frame);
    column->setContentsMargins(18, 16, 18, 16);
    column->setSpacing(10);
    column->addWidget(heading);
    column->addLayout(grid);
    return frame;
}

void StartPage::showState() {
    DataSource const& source = context().source;
    bool const running = source.state() == BrokerState::Running;
    QString const url = source.url();
    client_->setVisible(running && !url.isEmpty() && !isRemote());
    if (isRemote()) {
        looking_.card->setVisible(source.live());
        state_->setText(!source.stateNote().isEmpty() ? source.stateNote()
                        : running                     ? tr("Attached to %1").arg(url)
                                                      : tr("Attaching to %1…").arg(url));
        return;
    }
    switch (source.state()) {
        case BrokerState::Lost:  // of remote ones, which were dealt with
            break;
        case BrokerState::Running:
            state_->setText(url.isEmpty() ? tr("The broker is starting…")
                                          : tr("A broker runs in this window: %1").arg(url));
            break;
        case BrokerState::Starting:
            state_->setText(tr("The broker is starting…"));
            break;
        case BrokerState::Stopping:
            state_->setText(tr("The broker is stopping…"));
            break;
        case BrokerState::Stopped:
            state_->setText(source.stateNote().isEmpty()
                                ? tr("A message broker that speaks NATS, and a window that shows "
                                     "what it does.")
                                : source.stateNote());
            break;
    }
    if (!url.isEmpty() && url_->text() != url) {
        QString const place = url.mid(7);
        QString const address = place.section(QLatin1Char(':'), 0, -2);
        QString const port = place.section(QLatin1Char(':'), -1);
        url_->setText(url);
        sub_->setText(QStringLiteral("nats sub --server %1 '>'").arg(url));
        pub_->setText(QStringLiteral("nats pub --server %1 hello 'from a client'").arg(url));
        raw_->setText(QStringLiteral("printf 'CONNECT {\"verbose\":false}\\r\\nPUB hello 2\\r\\nhi"
                                     "\\r\\nPING\\r\\n' | nc -w 1 %1 %2")
                          .arg(address, port));
    }
}

void StartPage::showSnapshot(observe::SnapshotPtr const& snapshot) {
    showState();
    observe::ServerSnapshot const* const one = server(snapshot);
    if (one != nullptr && one->remote) {
        showLooking(*one->remote);
    }
}

}  // namespace signalbox::gui
