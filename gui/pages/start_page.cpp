#include "gui/pages/start_page.h"

#include "gui/icons.h"

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

/// A button that does what an action does, and is named after it.
QPushButton* buttonFor(QAction* action, bool primary) {
    auto* const button = new QPushButton(action->text());
    button->setProperty("primary", primary);
    button->setAccessibleName(action->text());
    QObject::connect(button, &QPushButton::clicked, action, &QAction::trigger);
    auto const follow = [button, action] {
        button->setText(action->text());
        button->setEnabled(action->isEnabled());
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
    auto* const words = new QVBoxLayout;
    words->setSpacing(2);
    words->addWidget(name);
    words->addWidget(state_);
    auto* const top = new QHBoxLayout;
    top->setSpacing(kSpace * 2);
    top->addWidget(mark);
    top->addLayout(words, 1);

    Actions const& actions = context.actions;
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
    grid->addWidget(card(QStringLiteral("demo"), tr("Look around"),
                         tr("Let a small shop of real client connections publish, listen, ask and "
                            "answer, so that no page is empty."),
                         {actions.get(QStringLiteral("demo.toggle"))}),
                    0, 2);
    for (int column = 0; column < 3; ++column) {
        grid->setColumnStretch(column, 1);
    }
    client_ = clientCard();

    body().addSpacing(kSpace);
    body().addLayout(top);
    body().addSpacing(kSpace);
    body().addLayout(grid);
    body().addSpacing(kSpace);
    body().addWidget(client_);
    body().addStretch(1);
    connect(&context.source, &DataSource::stateChanged, this, &StartPage::showState);
    showState();
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
        buttons->addWidget(buttonFor(action, action == actions.front()));
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
    client_->setVisible(running && !url.isEmpty());
    switch (source.state()) {
        case BrokerState::Lost:
            state_->setText(source.stateNote());
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

void StartPage::showSnapshot(observe::SnapshotPtr const& /*snapshot*/) {
    showState();
}

}  // namespace signalbox::gui
