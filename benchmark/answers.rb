# frozen_string_literal: true

# How long until an idle child has answered?

require_relative "support/bench"
require_relative "support/native"
require_relative "support/pipes"

TIMES = Bench.scale(5_000)
PING_PONG = Bench::Native.program("pingpong")

def ping_pong(take)
  nanoseconds, count = IO.popen([PING_PONG, TIMES.to_s], &:read).split
  take.value = Float(nanoseconds) * 1e-9 * TIMES
  take.arrived(Integer(count), TIMES * (TIMES - 1) / 2)
end

# A child of a pool as the library talks to it, without a pipeline around it.
def wire(take)
  child = Minigun::Native::Child.new(inbox: 1 << 20)
  child.spawn do |channel|
    while (record = channel.read)
      channel.write(2, record[1], record[2])
    end
    channel.finish
  end
  take.time do
    TIMES.times do |number|
      child.write(1, number, number)
      take << child.read[2]
    end
  end
  child.close
end

# The producer waits for each answer before it emits the next.
class Asking
  include Minigun::DSL

  def initialize(take)
    @take = take
    @answers = Thread::Queue.new
  end

  pipeline do
    producer(:ask) do
      TIMES.times do |number|
        emit number
        @take << @answers.pop
      end
    end
    processes(1) do
      processor(:work) { |number| emit number }
    end
    consumer(:answer) { |number| @answers << number }
  end
end

def marshal_pipes(take)
  inbox, requests = IO.pipe.each(&:binmode)
  answers, pid = Bench::Pipes.child do |io|
    requests.close
    io.sync = true
    Bench::Pipes::ByMarshal.each(inbox) { |number| Bench::Pipes::ByMarshal.write(io, number) }
  end
  inbox.close
  requests.sync = true
  take.time do
    TIMES.times do |number|
      Bench::Pipes::ByMarshal.write(requests, number)
      take << Marshal.load(answers) # rubocop:disable Security/MarshalLoad -- from a child of our own
    end
  end
  requests.close
  Bench::Pipes.finish(answers, pid)
end

Bench.question "Request and answer through an idle child, time a round trip"

Bench.row("An Integer there and back", per: TIMES) do |row|
  row.source { |&sink| TIMES.times { |number| sink.call(number) } }
  row.digest { |number| number }
  row.limit("futex ping-pong in C") { |take| ping_pong(take) }
  row.ours("minigun, the wire") { |take| wire(take) }
  row.ours("minigun, a whole pipeline") { |take| Asking.new(take).run }
  row.peer("Marshal pipes") { |take| marshal_pipes(take) }
  row.at_most(2, "futex ping-pong in C")
  row.faster(3, "Marshal pipes")
end
