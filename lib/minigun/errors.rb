# frozen_string_literal: true

module Minigun
  # What every error of this library descends from.
  #
  # Each class carries what happened as data besides the text. The data are plain values (Strings,
  # Symbols, Integers), so that an error can itself be sent from a child to its parent. Every part is
  # optional: without a message the text is made from the data.
  class Error < StandardError; end

  # A value that cannot be sent to another process, or that could not be rebuilt there.
  class SerializationError < Error
    # @return [String, nil] where in the value the culprit is, such as +item[:conn]+ or +item[3].name+
    attr_reader :path

    # @return [String, nil] name of the culprit's class
    attr_reader :object_class

    # @param message [String, nil]
    # @param path [String, nil]
    # @param object_class [String, nil]
    def initialize(message = nil, path: nil, object_class: nil)
      @path = path
      @object_class = object_class
      super(message || "#{path || "item"} (#{object_class || "object"}) cannot be sent to another process")
    end
  end

  # Shared memory or a message holds what no correct writer can have written.
  class RingCorrupted < Error
    # @return [Integer, nil] pid of the process that wrote it
    attr_reader :pid

    # @param message [String, nil]
    # @param pid [Integer, nil]
    def initialize(message = nil, pid: nil)
      @pid = pid
      super(message || "the bytes received from #{pid ? "process #{pid}" : "another process"} are damaged")
    end
  end

  # The system refused memory that processes can share.
  class RingAllocError < Error
    # @return [Integer, nil] bytes asked for
    attr_reader :size

    # @param message [String, nil]
    # @param size [Integer, nil] bytes
    def initialize(message = nil, size: nil)
      @size = size
      super(message || "cannot allocate #{"#{size} bytes of " if size}shared memory")
    end
  end

  # A single value is larger than what can be sent.
  class RecordTooLarge < Error
    # @return [Integer, nil] bytes the value takes
    attr_reader :size

    # @return [Integer, nil] bytes a value may take
    attr_reader :limit

    # @param message [String, nil]
    # @param size [Integer, nil] bytes
    # @param limit [Integer, nil] bytes
    def initialize(message = nil, size: nil, limit: nil)
      @size = size
      @limit = limit
      super(message || "a record#{" of #{size} bytes" if size} exceeds the limit#{" of #{limit} bytes" if limit}")
    end
  end

  # A child process could not be made.
  class ForkError < Error
    # @return [Symbol, nil] name of the stage that needed the child
    attr_reader :stage

    # @param message [String, nil]
    # @param stage [Symbol, nil]
    def initialize(message = nil, stage: nil)
      @stage = stage
      super(message || "cannot fork a child process#{" for stage #{stage.inspect}" if stage}")
    end
  end

  # Forking here and now would endanger the child: in a signal handler, or beside a second Ractor.
  class UnsafeForkError < Error
    # @return [Symbol, nil] what makes it unsafe
    attr_reader :reason

    # @param message [String, nil]
    # @param reason [Symbol, nil] such as +:trap+ or +:ractor+
    def initialize(message = nil, reason: nil)
      @reason = reason
      super(message || "forking is not safe here#{" (#{reason})" if reason}")
    end
  end

  # What there is to say of a child that missed a deadline.
  # @api private
  module MissedDeadline
    # @return [Integer, nil]
    attr_reader :pid

    # @return [Float, Integer, nil] seconds it was given
    attr_reader :seconds

    # @return [Symbol, nil] name of the stage
    attr_reader :stage

    # @param message [String, nil]
    # @param pid [Integer, nil]
    # @param seconds [Float, Integer, nil]
    # @param stage [Symbol, nil]
    def initialize(message = nil, pid: nil, seconds: nil, stage: nil)
      @pid = pid
      @seconds = seconds
      @stage = stage
      super(message || "worker process#{" #{pid}" if pid}#{" of stage #{stage.inspect}" if stage} " \
                       "#{missed}#{" within #{seconds} s" if seconds}")
    end
  end
  private_constant :MissedDeadline

  # A child process did not come up within its start deadline, and was killed.
  class WorkerStartTimeout < Error
    include MissedDeadline

    private

    def missed = "did not start"
  end

  # Work took longer than its deadline; the process that did it was ended.
  class WorkerTimeout < Error
    include MissedDeadline

    private

    def missed = "did not finish"
  end

  # An item that every process which tried it died of.
  class PoisonItem < Error
    # @return [Integer, nil] how many processes died
    attr_reader :deaths

    # @return [Symbol, nil] name of the stage
    attr_reader :stage

    # @return [WorkerDied, nil] the last of the deaths
    attr_reader :last

    # @param message [String, nil]
    # @param deaths [Integer, nil]
    # @param stage [Symbol, nil]
    # @param last [WorkerDied, nil]
    def initialize(message = nil, deaths: nil, stage: nil, last: nil)
      @deaths = deaths
      @stage = stage
      @last = last
      super(message || "an item#{" of stage #{stage.inspect}" if stage} was given up: " \
                       "#{deaths || "several"} processes died of it#{", the last: #{last.message}" if last}")
    end

    # @return [Integer, nil] number of the signal that ended the last one
    def signal = last&.signal

    # @return [Integer, nil] status the last one exited with
    def exit_code = last&.exit_code

    # @return [Integer, nil] bytes of memory that the last one had resident at most
    def peak_rss = last&.peak_rss

    # @return [Boolean] was the last one killed for want of memory?
    def out_of_memory? = last ? last.out_of_memory? : false
  end

  # Stands for an exception of another process that cannot be rebuilt in this one.
  class RemoteError < Error
    # @return [String, nil] name of the class the exception had over there
    attr_reader :class_name

    # @param message [String, nil] the exception's own message
    # @param class_name [String, nil]
    # @param backtrace [Array<String>, nil] where it was raised, over there
    # @param standard [Boolean] was it a StandardError?
    def initialize(message = nil, class_name: nil, backtrace: nil, standard: true)
      @class_name = class_name
      @standard = standard
      super(message || class_name || "an exception in another process")
      set_backtrace(backtrace) if backtrace
    end

    # @return [Boolean] was the exception a StandardError over there?
    def standard? = @standard
  end

  # Raised in a child whose parent is gone: nobody will read what it produces.
  class ParentGone < Error
    # @return [Integer, nil] pid the parent had
    attr_reader :pid

    # @param message [String, nil]
    # @param pid [Integer, nil]
    def initialize(message = nil, pid: nil)
      @pid = pid
      super(message || "the parent process#{" #{pid}" if pid} is gone")
    end
  end

  # A shared collection has no room for what was to be added; it is as it was before.
  class SharedMemoryFull < Error
    # @return [String, nil] kind and name
    attr_reader :collection

    # @return [Integer, nil] bytes it was given
    attr_reader :capacity

    # @param message [String, nil]
    # @param collection [String, nil]
    # @param capacity [Integer, nil]
    def initialize(message = nil, collection: nil, capacity: nil)
      @collection = collection
      @capacity = capacity
      super(message || "#{collection || "the shared collection"} is full" \
                       "#{": give it a capacity of more than #{capacity} bytes" if capacity}")
    end
  end

  # A mutex or semaphore was not to be had in the time given.
  class LockTimeout < Error
    # @return [Numeric, nil] seconds
    attr_reader :seconds

    # @param message [String, nil]
    # @param seconds [Numeric, nil]
    def initialize(message = nil, seconds: nil)
      @seconds = seconds
      super(message || "the lock was not to be had#{" within #{seconds} s" if seconds}")
    end
  end

  # What a definition asks for needs a gem that is not installed.
  class MissingGem < Error
    # @return [String, nil]
    attr_reader :gem_name

    # @return [Symbol, nil] what `reconnect` was given
    attr_reader :library

    # @param message [String, nil]
    # @param gem_name [String, nil]
    # @param library [Symbol, nil]
    # @param reason [String, nil] what Ruby said
    def initialize(message = nil, gem_name: nil, library: nil, reason: nil)
      @gem_name = gem_name
      @library = library
      super(message || "#{library ? "reconnect #{library.inspect}" : "the definition"} needs " \
                       "#{gem_name ? "the gem #{gem_name}, which is not there: install it" : "a gem"}" \
                       "#{" (#{reason})" if reason}")
    end
  end

  # A run ended, but some of its items failed.
  class ItemsFailed < Error
    # @return [Object, nil] the run's report
    attr_reader :report

    # @param message [String, nil]
    # @param report [Object, nil]
    def initialize(message = nil, report: nil)
      @report = report
      super(message || "some items failed")
    end
  end
end

require_relative "errors/worker_died"
